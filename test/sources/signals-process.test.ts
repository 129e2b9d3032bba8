import { describe, expect, test } from 'vitest';
import { inChild } from '../support/child';

// What becomes of the process, and of others in it who handle the same signals: each test in a
// process of its own.

const ended = { code: 0, signal: null, late: false, stderr: '' };

describe('beside process.on', () => {
  /** What is done in which order; the signal is sent after each, as far as anybody listens. */
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
    // Node itself ignores this one, and no other.
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

  test('an ignored signal ends the process at no moment of a close', async () => {
    const outcome = await inChild(async ({ iomux, startWorker, openDescriptors }) => {
      const worker = startWorker(({ fs, threads, descriptors }) => {
        const [reader, writer] = descriptors.pipe();
        fs.closeSync(reader);
        const chunk = Buffer.from('x');
        threads.parentPort?.postMessage('writes');
        // Each of these is a SIGPIPE.
        for (;;) {
          try {
            fs.writeSync(writer, chunk);
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
          }
        }
      });
      await new Promise((resolve) => worker.once('message', resolve));
      new iomux.Signals(['SIGPIPE']).close();
      const before = openDescriptors();
      const end = Date.now() + 1500;
      while (Date.now() < end) new iomux.Signals(['SIGPIPE']).close();
      const after = openDescriptors();
      await worker.terminate();
      return after - before;
    });
    expect(outcome).toEqual({ ...ended, result: 0 });
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

  test('a program that is started has the default action', async () => {
    const outcome = await inChild(async ({ iomux }) => {
      const signals = new iomux.Signals(['SIGTERM']);
      const { spawn } = require('node:child_process') as typeof import('node:child_process');
      const child = spawn('sleep', ['60']);
      await new Promise((resolve) => child.once('spawn', resolve));
      child.kill('SIGTERM');
      const signal = await new Promise((resolve) => child.once('exit', (_, s) => resolve(s)));
      return { signal, ours: signals.closed };
    });
    expect(outcome).toEqual({ ...ended, result: { signal: 'SIGTERM', ours: false } });
  });

  test('is left alone when there are not enough descriptors for it', async () => {
    const outcome = await inChild(({ iomux, fs, descriptors }) => {
      const lowestFree = () => {
        const fd = fs.openSync('/dev/null', 'r');
        fs.closeSync(fd);
        return fd;
      };
      const lowest = lowestFree();
      const open = (count: number) => {
        const before = descriptors.limitDescriptors(lowest + count);
        try {
          new iomux.Signals(['SIGTERM']).close();
          return 'opened';
        } catch (error) {
          return (error as { code: unknown }).code;
        } finally {
          descriptors.limitDescriptors(before);
        }
      };
      const codes = Array.from({ length: 16 }, (_, i) => open(i + 1));
      const result = { first: codes[0], last: codes[15], all: [...new Set(codes)].sort() };
      fs.writeSync(1, JSON.stringify({ ...result, left: lowestFree() - lowest }));
      process.kill(process.pid, 'SIGTERM');
      setTimeout(() => undefined, 60_000);
    });
    const result = { first: 'EMFILE', last: 'opened', all: ['EMFILE', 'opened'], left: 0 };
    expect(outcome).toMatchObject({ signal: 'SIGTERM', result, late: false });
  });
});

describe('a program', () => {
  const states = ['idle', 'waiting', 'unreferenced', 'referenced again', 'aborted', 'closed'];

  test.each(states)('with signals that are %s stays alive only for who waits', async (state) => {
    const outcome = await inChild(
      ({ iomux, fs }, given: string) => {
        const signals = new iomux.Signals(['SIGUSR2']);
        const controller = new AbortController();
        if (given === 'unreferenced') signals.unref().unref();
        if (given !== 'idle') {
          signals
            .receive({ signal: controller.signal })
            .then(({ signal }) => fs.writeSync(1, JSON.stringify(signal)))
            .catch(() => undefined);
        }
        if (given === 'referenced again') signals.unref().ref().ref();
        if (given === 'aborted') controller.abort();
        if (given === 'closed') signals.close();
        if (given === 'waiting' || given === 'referenced again') {
          setTimeout(() => process.kill(process.pid, 'SIGUSR2'), 20).unref();
        }
      },
      { argument: state },
    );
    const waits = state === 'waiting' || state === 'referenced again';
    expect(outcome).toEqual({ ...ended, result: waits ? 'SIGUSR2' : undefined });
  });

  test('in which signals are forgotten has the default action again', async () => {
    const outcome = await inChild(
      async ({ iomux, collect }) => {
        (() => new iomux.Signals(['SIGUSR2']).fd)();
        await collect();
        process.kill(process.pid, 'SIGUSR2');
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      },
      { flags: ['--expose-gc'] },
    );
    expect(outcome).toMatchObject({ signal: 'SIGUSR2', late: false });
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

test('two copies of the addon in one process both hear every signal, in any order of closing', async () => {
  const outcome = await inChild(({ fs }) => {
    const { tmpdir } = require('node:os') as typeof import('node:os');
    const folder = fs.mkdtempSync(`${tmpdir()}/iomux-copy-`);
    const load = (file: string) => {
      const module = { exports: {} as { SignalWatch: new () => NativeCopy } };
      process.dlopen(module, file);
      return module.exports;
    };
    interface NativeCopy {
      open(numbers: Int32Array, keep: boolean): number;
      take(into: Int32Array): number;
      close(): void;
    }
    const { path } = require('node-gyp-build') as { path: (folder: string) => string };
    const original = path(process.cwd());
    fs.copyFileSync(original, `${folder}/copy.node`);
    const copies = [load(original), load(`${folder}/copy.node`)];
    fs.rmSync(folder, { recursive: true });
    const { SIGUSR2 } = (require('node:os') as typeof import('node:os')).constants.signals;
    const hasLibuv = !('bun' in process.versions || 'deno' in process.versions);
    const records = new Int32Array(256 * 6);
    const heard: number[] = [];
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const watches = copies.map(({ SignalWatch }) => new SignalWatch());
      for (const watch of watches) watch.open(Int32Array.of(SIGUSR2), hasLibuv);
      for (const closed of order) {
        process.kill(process.pid, 'SIGUSR2');
        for (const watch of watches) heard.push(watch.take(records));
        watches[closed].close();
      }
    }
    // The first is below, and comes once more, above.
    const [first, second] = copies.map(({ SignalWatch }) => new SignalWatch());
    first.open(Int32Array.of(SIGUSR2), hasLibuv);
    second.open(Int32Array.of(SIGUSR2), hasLibuv);
    first.close();
    const third = new copies[0].SignalWatch();
    third.open(Int32Array.of(SIGUSR2), hasLibuv);
    process.kill(process.pid, 'SIGUSR2');
    heard.push(second.take(records), third.take(records));
    second.close();
    third.close();
    fs.writeSync(1, JSON.stringify(heard.map((count) => Math.max(count, 0))));
    process.kill(process.pid, 'SIGUSR2');
    setTimeout(() => undefined, 60_000);
  });
  expect(outcome).toMatchObject({
    signal: 'SIGUSR2',
    late: false,
    result: [1, 1, 0, 1, 1, 1, 1, 0, 1, 1],
  });
});
