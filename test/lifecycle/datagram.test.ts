import { describe, expect, test } from 'vitest';
import { Datagram, type InternetAddress } from '../../lib/net';
import { ended, inChild } from '../support/child';
import { startWorker } from '../support/worker';

describe('a process', () => {
  test('lives as long as somebody waits for a datagram', async () => {
    const outcome = await inChild(async ({ net }) => {
      const socket = await net.Datagram.bind({ host: '127.0.0.1' });
      const { address, port } = socket.localAddress as { address: string; port: number };
      setTimeout(() => void socket.send('x', { address, port }), 50).unref();
      const { data } = await socket.receive();
      return data.toString();
    });
    expect(outcome).toEqual({ ...ended, result: 'x' });
  });

  test('does not live for a socket that is idle, or is not referenced', async () => {
    const outcome = await inChild(async ({ net }) => {
      await net.Datagram.bind({ host: '127.0.0.1' });
      const socket = await net.Datagram.bind({ host: '127.0.0.1' });
      void socket.unref().receive();
      const aborted = await net.Datagram.bind({ host: '127.0.0.1' });
      const controller = new AbortController();
      const waiting = aborted.receive({ signal: controller.signal }).catch(() => 'aborted');
      controller.abort();
      return waiting;
    });
    expect(outcome).toEqual({ ...ended, result: 'aborted' });
  });

  test.runIf(process.platform === 'linux')(
    'lives while a send waits, and not once it is aborted',
    async () => {
      const outcome = await inChild(async ({ net }) => {
        const path = `\0iomux-${process.pid}`;
        const theirs = await net.Datagram.bind({ path });
        const ours = await net.Datagram.connect({ path });
        let count = 0;
        while (ours.trySend('x')) count++;
        setTimeout(() => {
          for (let i = 0; i < count; i++) theirs.tryReceive();
        }, 50).unref();
        await ours.send('waits');
        while (ours.trySend('x'));
        const controller = new AbortController();
        const sending = ours.send('y', undefined, { signal: controller.signal });
        controller.abort();
        return sending.catch(() => 'aborted');
      });
      expect(outcome).toEqual({ ...ended, result: 'aborted' });
    },
  );

  test('ends with receives, sends and a burst under way', async () => {
    const outcome = await inChild(async ({ net }) => {
      const socket = await net.Datagram.bind({ host: '127.0.0.1' });
      const { address, port } = socket.localAddress as { address: string; port: number };
      for (let i = 0; i < 100; i++) void socket.send('x', { address, port });
      await socket.receiveMany();
      void socket.receive();
      process.exit();
    });
    expect(outcome).toEqual({ ...ended, result: undefined });
  });
});

describe('a Worker', () => {
  test('exchanges datagrams with this thread', async () => {
    const socket = await Datagram.bind({ host: '127.0.0.1' });
    const port = socket.localAddress?.port ?? -1;
    const worker = startWorker(async ({ net }, to: number) => {
      const own = await net.Datagram.connect({ host: '127.0.0.1', port: to });
      await own.sendMany(Array.from({ length: 100 }, (_, i) => `from the worker ${i}`));
      const answers: string[] = [];
      while (answers.length < 50) {
        for (const { data } of await own.receiveMany()) answers.push(data.toString());
      }
      own.close();
      return answers;
    }, port);
    const answer = new Promise((resolve) => worker.once('message', resolve));
    const seen: string[] = [];
    let sender: InternetAddress | undefined;
    while (seen.length < 100) {
      for (const { data, address } of await socket.receiveMany()) {
        seen.push(data.toString());
        sender = address;
      }
    }
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => `from the worker ${i}`));
    const answers = Array.from({ length: 50 }, (_, i) => `to the worker ${i}`);
    await socket.sendMany(answers, sender);
    expect(await answer).toEqual(answers);
    socket.close();
    await worker.terminate();
  });

  test('that is terminated leaves nothing open', async () => {
    const outcome = await inChild(async ({ openDescriptors, startWorker: start }) => {
      const terminate = async (): Promise<number> => {
        const worker = start(async ({ net, threads }) => {
          for (let i = 0; i < 10; i++) {
            const socket = await net.Datagram.bind({ host: '127.0.0.1' });
            if (i % 2 === 0) void socket.receiveMany();
          }
          threads.parentPort?.postMessage('waiting');
        });
        await new Promise((resolve) => worker.once('message', resolve));
        await worker.terminate();
        return openDescriptors();
      };
      // The first Worker may leave descriptors of Node open.
      const before = await terminate();
      return (await terminate()) - before;
    });
    expect(outcome).toEqual({ ...ended, result: 0 });
  });
});
