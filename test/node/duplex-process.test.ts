import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { connect } from '../../lib/net';
import { toDuplex } from '../../lib/node';
import { fromNode, listening, pattern } from '../io/peers';
import { tracked } from '../support/opened';
import { inChild } from '../support/child';
import { closed } from './duplex';

const storage = new AsyncLocalStorage<string>();

describe('the events of a Duplex', () => {
  test('are emitted in the context in which it was made', async () => {
    const names = ['first', 'second'];
    const found = await Promise.all(
      names.map(async (name) => {
        const { stream, socket } = await fromNode();
        const duplex = tracked(storage.run(name, () => toDuplex(stream)));
        const stores: Record<string, unknown> = {};
        for (const event of ['data', 'end', 'finish', 'close', 'timeout']) {
          duplex.once(event, () => (stores[event] = storage.getStore()));
        }
        duplex.setTimeout(1);
        await once(duplex, 'timeout');
        const closing = closed(duplex);
        storage.run('another', () => socket.end('x'));
        await closing;
        return stores;
      }),
    );
    expect(found).toEqual(
      names.map((name) => ({ data: name, end: name, finish: name, close: name, timeout: name })),
    );
  });

  test('that it is connected, or has failed, are so too', async () => {
    const { listener, port } = await listening();
    const duplex = storage.run('connects', () => toDuplex(connect({ host: '127.0.0.1', port })));
    const stores: unknown[] = [];
    for (const event of ['connect', 'ready', 'error', 'close']) {
      duplex.once(event, () => stores.push(event, storage.getStore()));
    }
    const peer = tracked(await listener.accept());
    await once(duplex, 'ready');
    peer.setOption('linger', 0);
    const closing = closed(duplex);
    peer.destroy();
    await closing;
    const all = ['connect', 'ready', 'error', 'close'].flatMap((event) => [event, 'connects']);
    expect(stores).toEqual(all);
  });

  test('that follow a write which had to wait are in the context of that', async () => {
    const { stream, socket } = await fromNode();
    const duplex = tracked(storage.run('maker', () => toDuplex(stream)));
    const written = new Promise((resolve) => {
      storage.run('writer', () =>
        duplex.write(pattern(8 << 20), () => resolve(storage.getStore())),
      );
    });
    socket.resume();
    expect(await written).toBe('writer');
  });
});

describe('a process with a Duplex', () => {
  test('ends when nothing is waited for: paused, unreferenced, not read yet', async () => {
    const outcome = await inChild(({ net, node, descriptors }) => {
      const open = () => descriptors.tcpPair().map((fd) => node.toDuplex(net.Stream.fromFd(fd)));
      const [unreferenced, other] = open();
      unreferenced.unref().resume();
      other.unref();
      // The buffer is full: no more is wanted.
      const [paused, writer] = open();
      writer.unref();
      paused.pause();
      writer.write(Buffer.alloc(paused.readableHighWaterMark + 1));
      return 'over';
    });
    expect(outcome).toEqual({ code: 0, signal: null, late: false, stderr: '', result: 'over' });
  });

  test('does not end while it reads, or has something to write', async () => {
    const outcome = await inChild(({ net, node, descriptors }) => {
      const [reader, writer] = descriptors
        .tcpPair()
        .map((fd) => node.toDuplex(net.Stream.fromFd(fd)));
      let length = 0;
      reader.on('data', (chunk: Buffer) => (length += chunk.length));
      writer.unref();
      setTimeout(() => writer.end(Buffer.alloc(8 << 20)), 20).unref();
      return new Promise((resolve) => reader.once('end', () => resolve(length)));
    });
    expect(outcome).toMatchObject({ code: 0, result: 8 << 20 });
  });

  test('is told of what a listener throws, and goes on with the others', async () => {
    const outcome = await inChild(async ({ net, node, descriptors }) => {
      const uncaught: string[] = [];
      process.on('uncaughtException', (error) => uncaught.push(error.message));
      const pairs = Array.from({ length: 5 }, () =>
        descriptors.tcpPair().map((fd) => node.toDuplex(net.Stream.fromFd(fd))),
      );
      const received = pairs.map(
        ([reader], i) =>
          new Promise((resolve) => {
            reader.once('data', (chunk) => {
              resolve(String(chunk));
              if (i % 2 === 0) throw new Error(`thrown by ${i}`);
            });
          }),
      );
      for (const [, writer] of pairs) writer.write('x');
      const chunks = await Promise.all(received);
      await new Promise((resolve) => setImmediate(resolve));
      for (const duplex of pairs.flat()) duplex.destroy();
      return { chunks, uncaught: uncaught.sort() };
    });
    expect(outcome).toEqual({
      code: 0,
      signal: null,
      late: false,
      stderr: '',
      result: {
        chunks: Array(5).fill('x'),
        uncaught: ['thrown by 0', 'thrown by 2', 'thrown by 4'],
      },
    });
  });

  test('is told of what a listener throws, and goes on reading', async () => {
    const outcome = await inChild(async ({ net, node, descriptors }) => {
      let uncaught = 0;
      process.on('uncaughtException', () => uncaught++);
      const [reader, writer] = descriptors
        .tcpPair()
        .map((fd) => node.toDuplex(net.Stream.fromFd(fd)));
      writer.end(Buffer.alloc(1 << 20));
      while (reader.readableLength === 0) await new Promise((resolve) => setImmediate(resolve));
      let length = 0;
      let chunks = 0;
      reader.on('data', (chunk: Buffer) => {
        length += chunk.length;
        chunks++;
        throw new Error('thrown by every chunk');
      });
      await new Promise((resolve) => reader.once('end', resolve));
      return { length, others: chunks - uncaught };
    });
    expect(outcome).toMatchObject({ code: 0, result: { length: 1 << 20, others: 0 } });
  });

  test('that has a Worker terminated with some leaves nothing open', async () => {
    const outcome = await inChild(async ({ startWorker, openDescriptors }) => {
      let before = 0;
      for (let i = 0; i < 5; i++) {
        const worker = startWorker(({ net, node, descriptors, threads }) => {
          const [reader, writer] = descriptors
            .tcpPair()
            .map((fd) => node.toDuplex(net.Stream.fromFd(fd)));
          reader.setTimeout(10_000);
          reader.on('data', () => threads.parentPort?.postMessage('busy'));
          const again = (): void => void writer.write('x', again);
          again();
        });
        await new Promise((resolve) => worker.once('message', resolve));
        await worker.terminate();
        // The first one may open descriptors that the process keeps.
        if (i === 0) before = openDescriptors();
      }
      return openDescriptors() - before;
    });
    expect(outcome).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(outcome.result).toBeLessThanOrEqual(0);
  });
});
