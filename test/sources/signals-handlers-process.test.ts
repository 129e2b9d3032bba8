import { describe, expect, test } from 'vitest';
import { ended, inChild } from '../support/child';

// Opening and closing listeners, which does not depend on the driver.

describe('what was there before', () => {
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
          const { code, syscall } = error as NodeJS.ErrnoException;
          return `${code} ${syscall}`;
        } finally {
          descriptors.limitDescriptors(before);
        }
      };
      const answers = Array.from({ length: 16 }, (_, i) => open(i + 1));
      const result = { first: answers[0], last: answers[15], all: [...new Set(answers)].sort() };
      fs.writeSync(1, JSON.stringify({ ...result, left: lowestFree() - lowest }));
      process.kill(process.pid, 'SIGTERM');
      setTimeout(() => undefined, 60_000);
    });
    const result = {
      first: 'EMFILE pipe',
      last: 'opened',
      all: ['EMFILE pipe', 'opened'],
      left: 0,
    };
    expect(outcome).toMatchObject({ signal: 'SIGTERM', result, late: false });
  });
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
