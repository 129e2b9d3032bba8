import { describe, expect, test } from 'vitest';
import { Poller, readable, Timer, Waker } from '../../lib/index';
import { Datagram, listen, Stream } from '../../lib/net';
import { AF_UNIX, SOCK_DGRAM, Socket } from '../../lib/socket';
import { descriptors, owned, pipe } from '../support/descriptors';

// An earlier listener of a signal may stop the propagation of the event, as of any event. Node's own waits end
// even so, and ours must too.

interface Closable {
  close(): unknown;
}

const waits: Record<string, () => Promise<[Closable, (signal: AbortSignal) => Promise<unknown>]>> =
  {
    readable: () => {
      const [reader] = pipe();
      return Promise.resolve([
        { close: () => undefined },
        (signal) => readable(reader, { signal }),
      ]);
    },
    'poller.ready': () => {
      const poller = new Poller();
      return Promise.resolve([poller, (signal) => poller.ready({ signal })]);
    },
    'timer.wait': () => {
      const timer = new Timer();
      return Promise.resolve([timer, (signal) => timer.wait({ signal })]);
    },
    'waker.wait': () => {
      const waker = new Waker();
      return Promise.resolve([waker, (signal) => waker.wait({ signal })]);
    },
    'stream.readAll': () => {
      const [ours, theirs] = descriptors.socketPair(true);
      owned([theirs]);
      const stream = Stream.fromFd(ours);
      return Promise.resolve([stream, (signal) => stream.readAll({ signal })]);
    },
    'listener.accept': async () => {
      const listener = await listen({ host: '127.0.0.1', port: 0 });
      return [listener, (signal) => listener.accept({ signal })];
    },
    'datagram.receive': async () => {
      const socket = await Datagram.bind({ host: '127.0.0.1' });
      return [socket, (signal) => socket.receive({ signal })];
    },
    'socket.receive': () => {
      const socket = new Socket(AF_UNIX, SOCK_DGRAM);
      return Promise.resolve([socket, (signal) => socket.receive(Buffer.alloc(1), { signal })]);
    },
  };

describe('an abort that another listener keeps to itself', () => {
  test.each(Object.keys(waits))('ends %s', async (name) => {
    const [handle, wait] = await waits[name]();
    const controller = new AbortController();
    controller.signal.addEventListener('abort', (event) => {
      event.stopImmediatePropagation();
    });
    const waiting = wait(controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    await handle.close();
  });
});
