import { describe, expect, test } from 'vitest';
import { ended, inChild } from '../support/child';

// The effects on the process, and on other handlers of the same signals in it. Each test runs in a process of
// its own.

describe('beside process.on', () => {
  /** The steps; after each the signal is sent, if there is a listener. */
  const orders = [
    ['on', 'open', 'close', 'off'],
    ['on', 'open', 'off', 'close'],
    ['open', 'on', 'close', 'off'],
    ['open', 'on', 'off', 'close'],
    ['open', 'on', 'open another', 'off', 'close', 'on', 'close another', 'off'],
    ['on', 'open', 'off', 'open another', 'close', 'on', 'off', 'close another'],
  ];

  test.each(orders.map((order) => [order.join(', '), order]))(
    'both hear the signal as long as they listen: %s; and then it ends the process',
    async (_, order) => {
      const outcome = await inChild(
        async ({ iomux, fs }, steps: string[]) => {
          const opened = new Map<string, InstanceType<typeof iomux.Signals>>();
          let heard = 0;
          let listening = false;
          const onSignal = (): void => void heard++;
          const results: unknown[] = [];
          for (const step of steps) {
            const [action, name = ''] = step.split(' ');
            if (action === 'on') process.on('SIGINT', onSignal);
            if (action === 'off') process.off('SIGINT', onSignal);
            if (action === 'open') opened.set(name, new iomux.Signals(['SIGINT']));
            if (action === 'close') opened.get(name)?.close();
            if (action === 'close') opened.delete(name);
            if (action === 'on' || action === 'off') listening = action === 'on';
            if (!listening && opened.size === 0) continue;
            heard = 0;
            process.kill(process.pid, 'SIGINT');
            for (const signals of opened.values()) await signals.receive();
            for (let turn = 0; turn < 100 && heard === 0; turn++) {
              await new Promise((resolve) => setImmediate(resolve));
            }
            if (heard !== (listening ? 1 : 0)) results.push({ step, heard, listening });
          }
          fs.writeSync(1, JSON.stringify(results));
          process.kill(process.pid, 'SIGINT');
          await new Promise((resolve) => setTimeout(resolve, 60_000));
        },
        { argument: order },
      );
      expect(outcome).toMatchObject({ code: null, signal: 'SIGINT', result: [], late: false });
    },
  );

  test('process.once goes on working', async () => {
    const outcome = await inChild(async ({ iomux }) => {
      const signals = new iomux.Signals(['SIGTERM']);
      let heard = 0;
      process.once('SIGTERM', () => heard++);
      for (let i = 0; i < 3; i++) {
        process.kill(process.pid, 'SIGTERM');
        await signals.receive();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return heard;
    });
    expect(outcome).toEqual({ ...ended, result: 1 });
  });
});

describe('what was there before', () => {
  test.each(['SIGTERM', 'SIGHUP', 'SIGUSR2'])('the default action is back: %s', async (name) => {
    const outcome = await inChild(
      async ({ iomux }, given: string) => {
        const signals = new iomux.Signals([given]);
        process.kill(process.pid, given);
        const { signal } = await signals.receive();
        signals.close();
        if (signal === given) process.kill(process.pid, given);
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      },
      { argument: name },
    );
    expect(outcome).toMatchObject({ code: null, signal: name, late: false });
  });

  test('an ignored signal is heard, and ignored again', async () => {
    // The only signal that Node itself ignores.
    const outcome = await inChild(async ({ iomux }) => {
      const signals = new iomux.Signals(['SIGPIPE']);
      process.kill(process.pid, 'SIGPIPE');
      const { signal } = await signals.receive();
      signals.close();
      process.kill(process.pid, 'SIGPIPE');
      return signal;
    });
    expect(outcome).toEqual({ ...ended, result: 'SIGPIPE' });
  });

  test('an ignored signal that was listened for is one for process.on', async () => {
    const outcome = await inChild(async ({ iomux }) => {
      new iomux.Signals(['SIGPIPE']).close();
      process.kill(process.pid, 'SIGPIPE');
      let heard = 0;
      process.on('SIGPIPE', () => heard++);
      const send = async (): Promise<void> => {
        const before = heard;
        process.kill(process.pid, 'SIGPIPE');
        while (heard === before) await new Promise((resolve) => setImmediate(resolve));
      };
      await send();
      const signals = new iomux.Signals(['SIGPIPE']);
      await send();
      await signals.receive();
      signals.close();
      await send();
      return heard;
    });
    expect(outcome).toEqual({ ...ended, result: 3 });
  });
});

describe('a program', () => {
  test('that forgets its signals does not get the default action back', async () => {
    const outcome = await inChild(
      async ({ iomux, collect }) => {
        const first = async (): Promise<string> => {
          const signals = new iomux.Signals(['SIGTERM']);
          process.kill(process.pid, 'SIGTERM');
          return (await signals.receive()).signal;
        };
        const received = await first();
        await collect();
        process.kill(process.pid, 'SIGTERM');
        return received;
      },
      { flags: ['--expose-gc'] },
    );
    expect(outcome).toEqual({ ...ended, result: 'SIGTERM' });
  });
});

describe('a Worker', () => {
  test('hears the signals of the process, as the main thread does', async () => {
    const outcome = await inChild(async ({ iomux, startWorker }) => {
      const signals = new iomux.Signals(['SIGUSR2']);
      const worker = startWorker(async (tools) => {
        const inWorker = new tools.iomux.Signals(['SIGUSR2']);
        const receiving = inWorker.receive();
        tools.threads.parentPort?.postMessage('waits');
        return await receiving;
      });
      const messages: unknown[] = [];
      worker.on('message', (message) => messages.push(message));
      await new Promise((resolve) => worker.once('message', resolve));
      process.kill(process.pid, 'SIGUSR2');
      const { signal } = await signals.receive();
      await new Promise((resolve) => worker.once('exit', resolve));
      return [signal, (messages[1] as { signal: string }).signal];
    });
    expect(outcome).toEqual({ ...ended, result: ['SIGUSR2', 'SIGUSR2'] });
  });

  test('keeps its signal while process.on comes and goes in the main thread', async () => {
    const outcome = await inChild(async ({ startWorker }) => {
      const worker = startWorker(async ({ iomux, threads }) => {
        const signals = new iomux.Signals(['SIGINT']);
        for (let i = 0; i < 3; i++) {
          const receiving = signals.receive();
          threads.parentPort?.postMessage('waits');
          await receiving;
        }
        return 'heard all';
      });
      const next = (): Promise<unknown> =>
        new Promise((resolve) => worker.once('message', resolve));
      const ignore = (): void => undefined;
      await next();
      process.kill(process.pid, 'SIGINT');
      await next();
      process.on('SIGINT', ignore);
      process.kill(process.pid, 'SIGINT');
      await next();
      process.off('SIGINT', ignore);
      process.kill(process.pid, 'SIGINT');
      return next();
    });
    expect(outcome).toEqual({ ...ended, result: 'heard all' });
  });

  test('that is terminated at any moment gives them back, and leaves nothing open', async () => {
    const outcome = await inChild(
      async ({ startWorker, openDescriptors, fs }) => {
        const run = async (state: string): Promise<void> => {
          const worker = startWorker(async ({ iomux, threads }, given: string) => {
            const signals = new iomux.Signals(['SIGUSR2', 'SIGHUP']);
            setInterval(() => undefined, 1000);
            if (given === 'busy') {
              process.nextTick(() => threads.parentPort?.postMessage('ready'));
              for (;;) {
                process.kill(process.pid, 'SIGUSR2');
                await signals.receive();
              }
            }
            if (given === 'waiting') signals.receive().catch(() => undefined);
            return 'ready';
          }, state);
          await new Promise((resolve) => worker.once('message', resolve));
          if (state === 'waiting') process.kill(process.pid, 'SIGUSR2');
          await worker.terminate();
        };
        await run('idle');
        const before = openDescriptors();
        for (let i = 0; i < 10; i++) {
          await run('idle');
          await Promise.all([run('waiting'), run('busy')]).catch(() => undefined);
        }
        fs.writeSync(1, JSON.stringify(openDescriptors() - before));
        process.kill(process.pid, 'SIGUSR2');
        setTimeout(() => undefined, 60_000);
      },
      { deadline: 30_000 },
    );
    expect(outcome).toMatchObject({ signal: 'SIGUSR2', result: 0, late: false, stderr: '' });
  }, 30_000);
});
