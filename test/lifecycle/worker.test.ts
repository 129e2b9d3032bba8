import { beforeAll, describe, expect, test } from 'vitest';
import { ended, inChild, type Outcome, type Tools } from '../support/child';

/** Terminating may take this long, in milliseconds; a wait is cut into slices of 100. */
const PROMPT = 500;

describe('a Worker that blocks its thread', () => {
  const calls: Record<string, (tools: Tools) => void> = {
    'Epoll.wait': ({ epoll }) => {
      new epoll.Epoll().wait();
    },
    'Epoll.wait with a long timeout': ({ epoll }) => {
      new epoll.Epoll().wait({ timeout: 60_000 });
    },
    'Poller.wait': ({ iomux }) => {
      new iomux.Poller().wait();
    },
    'Poller.wait over poll': ({ iomux }) => {
      new iomux.Poller({ backend: 'poll' }).wait();
    },
    'Poller.wait over select': ({ iomux }) => {
      new iomux.Poller({ backend: 'select' }).wait();
    },
    'poll and select': ({ select }) => {
      select.poll([], { timeout: 60_000 });
      select.select([], [], []);
    },
  };

  let outcome: Outcome;
  beforeAll(async () => {
    const sources = Object.values(calls).map(String);
    outcome = await inChild(
      async ({ startWorker }, given: string[]) => {
        const results: { code: number; milliseconds: number }[] = [];
        for (const source of given) {
          const worker = startWorker((tools, call: string) => {
            tools.threads.parentPort?.postMessage('about to block');
            (eval(call) as (tools: Tools) => void)(tools);
            return 'did not block';
          }, source);
          await new Promise((resolve) => worker.once('message', resolve));
          // Long enough to be within the call: the first slice.
          await new Promise((resolve) => setTimeout(resolve, 30));
          const start = performance.now();
          const code = await worker.terminate();
          results.push({ code, milliseconds: performance.now() - start });
        }
        return results;
      },
      { argument: sources },
    );
  });

  test.each(Object.keys(calls).map((name, i) => [name, i] as const))(
    'in %s can be terminated',
    (_, i) => {
      const { result, ...how } = outcome;
      const { code, milliseconds } = (result as { code: number; milliseconds: number }[])[i];
      expect({ ...how, code }).toEqual({ ...ended, code: 1 });
      expect(milliseconds).toBeLessThan(PROMPT);
    },
  );
});

describe('a Worker', () => {
  test('has a reactor of its own', async () => {
    const outcome = await inChild(async ({ iomux, descriptors, fs, startWorker }) => {
      const [reader, writer] = descriptors.pipe();
      const ours = iomux.readable(reader);
      const worker = startWorker(async (tools, fd: number) => {
        const before = tools.iomux.reactor.statistics().waiting;
        const theirs = tools.iomux.readable(fd);
        tools.threads.parentPort?.postMessage(before);
        await theirs;
        return tools.iomux.reactor.statistics().waiting;
      }, reader);
      const messages: unknown[] = [];
      worker.on('message', (message) => messages.push(message));
      await new Promise((resolve) => worker.once('message', resolve));
      fs.writeSync(writer, 'x');
      await Promise.all([ours, new Promise((resolve) => worker.once('exit', resolve))]);
      return messages;
    });
    expect(outcome).toEqual({ ...ended, result: [0, 0] });
  });

  test('that ends by itself closes what it has left open, and nothing else', async () => {
    const outcome = await inChild(async ({ startWorker, openDescriptors }) => {
      const run = (): Promise<number> =>
        new Promise((resolve) => {
          startWorker(async ({ iomux, epoll, net }) => {
            new epoll.Epoll()
              .unref()
              .ready()
              .catch(() => undefined);
            void new iomux.Poller().notifyHandle;
            const listener = await net.listen({ host: '127.0.0.1', port: 0 });
            const accepted = listener.accept();
            const client = await net.connect({ port: listener.address.port });
            const server = await accepted;
            client
              .unref()
              .read(Buffer.alloc(1))
              .catch(() => undefined);
            server
              .unref()
              .read(Buffer.alloc(1))
              .catch(() => undefined);
          }).once('exit', resolve);
        });
      // What Node opens for the first Worker stays open.
      await run();
      const before = openDescriptors();
      const code = await run();
      return { code, left: openDescriptors() - before };
    });
    expect(outcome).toEqual({ ...ended, result: { code: 0, left: 0 } });
  });

  test('may call process.exit in a callback', async () => {
    const outcome = await inChild(async ({ startWorker }) => {
      const worker = startWorker(({ iomux, descriptors, fs }) => {
        const [reader, writer] = descriptors.pipe();
        fs.writeSync(writer, 'x');
        iomux.register(reader, iomux.READABLE, () => process.exit(7));
      });
      return new Promise((resolve) => worker.once('exit', resolve));
    });
    expect(outcome).toEqual({ ...ended, result: 7 });
  });

  test('that throws in a callback tells the main thread, which goes on', async () => {
    const outcome = await inChild(async ({ iomux, descriptors, fs, startWorker }) => {
      const worker = startWorker((tools) => {
        const [reader, writer] = tools.descriptors.pipe();
        tools.fs.writeSync(writer, 'x');
        tools.iomux.register(reader, tools.iomux.READABLE, () => {
          throw new Error('on purpose');
        });
      });
      const error = await new Promise<Error>((resolve) => worker.once('error', resolve));
      const [reader, writer] = descriptors.pipe();
      fs.writeSync(writer, 'x');
      await iomux.readable(reader);
      return error.message;
    });
    expect(outcome).toEqual({ ...ended, result: 'on purpose' });
  });

  test('that blocks or waits does not keep a process from exiting', async () => {
    const outcome = await inChild(async ({ iomux, startWorker, descriptors }) => {
      const blocking = startWorker(({ epoll, threads }) => {
        threads.parentPort?.postMessage('about to block');
        new epoll.Epoll().wait();
      });
      const waiting = startWorker(async (tools) => {
        const [reader] = tools.descriptors.pipe();
        setImmediate(() => tools.threads.parentPort?.postMessage('waits'));
        await tools.iomux.readable(reader);
      });
      const [reader] = descriptors.pipe();
      iomux.readable(reader).catch(() => undefined);
      await Promise.all(
        [blocking, waiting].map(
          (worker) => new Promise((resolve) => worker.once('message', resolve)),
        ),
      );
      process.exit(3);
    });
    expect(outcome).toEqual({ ...ended, code: 3, result: undefined });
  });

  test('that is terminated while events come in closes its descriptors', async () => {
    const outcome = await inChild(async ({ startWorker, openDescriptors }) => {
      const run = async (): Promise<void> => {
        const worker = startWorker(async ({ net, threads }) => {
          const listener = await net.listen({ host: '127.0.0.1', port: 0 });
          const port = listener.address.port;
          const pingPong = async (stream: InstanceType<typeof net.Stream>): Promise<void> => {
            const buffer = Buffer.alloc(64);
            for (;;) await stream.write(buffer, 0, await stream.read(buffer));
          };
          for (let i = 0; i < 10; i++) {
            const client = await net.connect({ port });
            void pingPong(client);
            void pingPong(await listener.accept());
            await client.write('ball');
          }
          threads.parentPort?.postMessage('busy');
        });
        await new Promise((resolve) => worker.once('message', resolve));
        await worker.terminate();
      };
      await run();
      const before = openDescriptors();
      for (let i = 0; i < 5; i++) await run();
      return openDescriptors() - before;
    });
    expect(outcome).toEqual({ ...ended, result: 0 });
  });
});
