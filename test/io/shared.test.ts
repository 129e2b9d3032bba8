import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { notifyClosing, READABLE, reactor, readable, register } from '../../lib/index';
import { Datagram, type InternetAddress, Stream } from '../../lib/net';
import { AF_INET, SOCK_STREAM, Socket } from '../../lib/socket';
import { close, descriptors, dup, owned, pipe, takeNumber } from '../support/descriptors';
import { sleeps } from '../reactor/turns';
import { tracked } from '../support/opened';
import { listening, pair } from './peers';

test('streams and listeners have descriptors that do not block and are close-on-exec', async () => {
  const { listener } = await listening();
  const { ours, theirs } = await pair();
  for (const { fd } of [listener, ours, theirs]) {
    expect(descriptors.flags(fd)).toEqual({ nonBlocking: true, closeOnExec: true });
  }
});

test('sockets say what they are when they are logged, and when they are closed', async () => {
  const { listener, port } = await listening();
  const { ours } = await pair();
  const datagram = tracked(await Datagram.bind({ host: '127.0.0.1' }));
  const socket = tracked(new Socket(AF_INET, SOCK_STREAM));
  const shown = (): string[] => [listener, ours, datagram, socket].map((one) => inspect(one));
  const address = `address: { address: '127.0.0.1', port: ${port}, family: 'IPv4' }`;
  expect(shown()[0].replaceAll(/\s+/g, ' ')).toBe(`Listener { fd: ${listener.fd}, ${address} }`);
  for (const text of shown()) expect(text).toMatch(/^\w+ \{\s+fd: \d+,\s+\w*[aA]ddress: \{/);
  for (const one of [listener, ours, datagram, socket]) void one.close();
  const nothing = '{ fd: -1, localAddress: null, remoteAddress: null }';
  expect(shown().slice(1)).toEqual(
    ['Stream', 'Datagram', 'Socket'].map((name) => `${name} ${nothing}`),
  );
});

describe('methods and properties of the user', () => {
  /** Names that handlers of events commonly have. */
  const handlers = { onReadable: 0, onWritable: 0, onAbandon: 0, onClose: 0, openFd: 0 };

  test('may have any name in a subclass of Socket', async () => {
    class Bus extends Socket {}
    Object.assign(Bus.prototype, handlers);
    const bus = tracked(new Bus(AF_INET, SOCK_STREAM));
    bus.bind({ address: '127.0.0.1', port: 0, family: 'IPv4' });
    bus.listen();
    const accepting = bus.accept();
    const client = tracked(new Socket(AF_INET, SOCK_STREAM));
    await client.connect(bus.localAddress as InternetAddress);
    tracked(await accepting);
    const waiting = bus.accept();
    bus.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });

  test('may have any name on a stream and a datagram socket', async () => {
    const { ours, theirs } = await pair();
    Object.assign(ours, handlers);
    const reading = ours.read(Buffer.alloc(1));
    await theirs.write('x');
    expect(await reading).toBe(1);
    const socket = tracked(await Datagram.bind({ host: '127.0.0.1' }));
    Object.assign(socket, handlers);
    const receiving = socket.receive();
    socket.close();
    await expect(receiving).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });
});

// A stream is registered once, edge-triggered, for everything; others may wait for its descriptor too.
describe('the descriptor of a stream', () => {
  test('stays registered when a wait for it by somebody else is aborted', async () => {
    const { ours, theirs } = await pair();
    const reading = ours.read(Buffer.alloc(1));
    const controller = new AbortController();
    const waiting = readable(ours, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    await theirs.write('x');
    expect(await reading).toBe(1);
  });

  test('is free for others when it was closed behind the back of the stream, which is told', async () => {
    const { ours } = await pair();
    const { fd } = ours;
    const [reader] = pipe();
    const [ghost, writer] = pipe();
    dup(ghost);
    const code = ours
      .read(Buffer.alloc(1))
      .catch((error: unknown) => (error as { code: string }).code);
    // Closed by code that knows nothing of the stream, so the number may be reused.
    descriptors.close(fd);
    // A phantom has the kernel's set made anew, and with that it is found out.
    const phantom = readable(ghost);
    close(ghost);
    writeSync(writer, 'x');
    await phantom;
    expect(await code).toBe('ERR_CLOSED');
    owned([takeNumber(reader, fd)]);
    const registration = register(fd, READABLE, () => undefined);
    expect(registration.closed).toBe(false);
    notifyClosing(fd);
    expect(reactor.statistics().registrations).toBe(0);
  });

  test('is told to a level-triggered callback that was there before, as long as it is ready', async () => {
    const [fd, theirs] = descriptors.socketPair(true);
    owned([theirs]);
    let calls = 0;
    using registration = register(fd, READABLE, () => calls++);
    await using ours = Stream.fromFd(fd);
    writeSync(theirs, 'x');
    while (calls < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(registration.mode).toBe('level');
    expect(ours.tryRead(Buffer.alloc(1))).toBe(1);
    // The stream stays writable, which is not reported to the callback.
    expect(await sleeps()).toBe(true);
  });
});
