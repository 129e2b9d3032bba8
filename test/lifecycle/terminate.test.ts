import { expect, test } from 'vitest';
import { inChild, type Tools } from '../support/child';

/** `npm run test:stress` sets more. */
const TERMINATIONS = Number(process.env['IOMUX_TEST_TERMINATIONS'] ?? 60);

test(`${TERMINATIONS} Workers are terminated at any moment, and leave nothing behind`, async () => {
  const outcome = await inChild(
    async ({ startWorker, openDescriptors, descriptors }, times: number) => {
      /** Waits in every possible way, while events arrive all the time. */
      const busy = async ({ iomux, epoll, net, threads, fs }: Tools, idle: number) => {
        threads.parentPort?.postMessage('loaded');
        const { READABLE } = iomux;
        const waker = new iomux.Poller();
        iomux.readable(idle).catch(() => undefined);
        const instance = new epoll.Epoll();
        instance.add(idle, epoll.EPOLLIN);
        instance.ready().catch(() => undefined);
        new iomux.Poller({ backend: 'poll' }).ready().catch(() => undefined);
        new iomux.Reactor().readable(idle).catch(() => undefined);
        waker.notify();
        iomux.register(waker.notifyHandle, READABLE, () => undefined);
        const woken = new iomux.Waker();
        const { handle } = woken;
        void (async () => {
          for (;;) {
            await woken.wait();
            iomux.Waker.from(handle).wake();
          }
        })();
        woken.wake();
        new iomux.Timer().wait().catch(() => undefined);
        void (async () => {
          for await (const count of new iomux.Timer({ every: 0.1 })) void count;
        })();
        const listener = await net.listen({ host: '127.0.0.1', port: 0 });
        void listener.serve(async (stream) => {
          const buffer = Buffer.alloc(64);
          for (;;) await stream.write(buffer, 0, await stream.read(buffer));
        });
        const client = await net.connect({ port: listener.address.port });
        const buffer = Buffer.alloc(64);
        for (let round = 0; ; round++) {
          await client.write('ball');
          await client.read(buffer);
          if (round % 50 === 0) fs.closeSync(fs.openSync('/dev/null', 'r'));
        }
      };
      const [idle] = descriptors.socketPair(true);
      const terminate = async (delay: number): Promise<void> => {
        const worker = startWorker(busy, idle);
        let error: Error | undefined;
        worker.once('error', (reason: Error) => (error = reason));
        await new Promise((resolve) => worker.once('message', resolve));
        // At a random moment: it must not matter at which.
        for (let turn = 0; turn < delay; turn++) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        await worker.terminate();
        if (error !== undefined) throw error;
      };
      await terminate(0);
      const before = openDescriptors();
      for (let i = 0; i < times; i += 2) {
        await Promise.all([terminate((i * 37) % 1000), terminate((i * 101) % 5000)]);
      }
      return openDescriptors() - before;
    },
    { argument: TERMINATIONS, deadline: 600_000 },
  );
  expect(outcome).toEqual({ code: 0, signal: null, late: false, stderr: '', result: 0 });
}, 600_000);
