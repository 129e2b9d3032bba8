import { readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { Waker, type WakerHandle } from '../../lib/index';
import { inChild } from '../support/child';
import { descriptors, owned, pipe, takeNumber } from '../support/descriptors';
import { afterTurns, PENDING } from '../support/turns';
import { inWorker, startWorker } from '../support/worker';
import { describeSource } from './contract';

describeSource('a waker', {
  open: () => new Waker(),
  trigger: (waker) => {
    expect(waker.wake()).toBe(true);
  },
  nothing: false,
  one: true,
  told: undefined,
});

describeSource('a waker that is woken by its handle', {
  open: () => new Waker(),
  trigger: ({ handle }) => {
    expect(Waker.from(handle).wake()).toBe(true);
  },
  nothing: false,
  one: true,
  told: undefined,
});

function ended(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject));
}

describe('a waker', () => {
  test('that is woken often before anybody looks is woken once', async () => {
    using waker = new Waker();
    const remote = Waker.from(waker.handle);
    for (let i = 0; i < 1000; i++) expect([waker.wake(), remote.wake()]).toEqual([true, true]);
    await waker.wait();
    expect(waker.tryTake()).toBe(false);
  });

  test('has one handle, which can be cloned and is no source', () => {
    using waker = new Waker();
    const { handle } = waker;
    expect(waker.handle).toBe(handle);
    expect(structuredClone(handle)).toEqual(handle);
    using other = new Waker();
    expect(other.handle).not.toEqual(handle);
  });

  test('is woken by native code that writes eight bytes to it', async () => {
    using waker = new Waker();
    const waiting = waker.wait();
    const one = new BigUint64Array([1n]);
    expect(writeSync(waker.signalFd, Buffer.from(one.buffer))).toBe(8);
    await waiting;
    expect(waker.tryTake()).toBe(false);
    waker.close();
    expect(waker.signalFd).toBe(-1);
  });

  test('that is closed is not woken, and has no handle', () => {
    const waker = new Waker();
    const remote = Waker.from(waker.handle);
    waker.close();
    expect(waker.wake()).toBe(false);
    expect(remote.wake()).toBe(false);
    expect(() => waker.handle).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
  });

  test('that is closed leaves whoever has its number next alone', () => {
    const waker = new Waker();
    const remote = Waker.from(waker.handle);
    const fd = waker.signalFd;
    const [reader, writer] = pipe();
    waker.close();
    owned([takeNumber(writer, fd)]);
    expect(remote.wake()).toBe(false);
    expect(descriptors.flags(reader).nonBlocking).toBe(true);
    expect(() => readNow(reader)).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
  });

  test('that has the number of another one is not woken for it', async () => {
    const first = new Waker();
    const fd = first.signalFd;
    const remote = Waker.from(first.handle);
    first.close();
    using second = new Waker();
    expect(second.signalFd).toBe(fd);
    expect(second.handle.end).toBe(fd);
    expect(remote.wake()).toBe(false);
    expect(second.tryTake()).toBe(false);
    expect(await afterTurns(second.wait().catch(() => 'closed'))).toBe(PENDING);
  });

  test.each([
    [undefined, 'ERR_INVALID_ARG_TYPE'],
    [null, 'ERR_INVALID_ARG_TYPE'],
    [5, 'ERR_INVALID_ARG_TYPE'],
    [{}, 'ERR_INVALID_ARG_TYPE'],
    [{ end: 1 }, 'ERR_INVALID_ARG_TYPE'],
    [{ end: '1', serial: 1 }, 'ERR_INVALID_ARG_TYPE'],
    [{ end: -1, serial: 1 }, 'ERR_OUT_OF_RANGE'],
    [{ end: 1.5, serial: 1 }, 'ERR_OUT_OF_RANGE'],
    [{ end: 1, serial: 2 ** 53 }, 'ERR_OUT_OF_RANGE'],
    [{ end: 1, serial: 0 }, 'ERR_OUT_OF_RANGE'],
  ])('is not made from %o', (handle, code) => {
    expect(() => Waker.from(handle as WakerHandle)).toThrow(expect.objectContaining({ code }));
  });

  test('is not found by a handle that was made up', () => {
    using waker = new Waker();
    const { end, serial } = waker.handle;
    const made = [
      { end, serial: serial + 1 },
      { end: end + 1, serial },
      { end: 2 ** 31 - 1, serial },
    ];
    for (const handle of made) expect(Waker.from(handle).wake()).toBe(false);
    expect(waker.tryTake()).toBe(false);
  });

  test('is woken from eight Workers at once, and misses none of them', async () => {
    using waker = new Waker();
    const count = 8;
    const wakes = 20_000;
    const counters = new Int32Array(new SharedArrayBuffer(4 * count));
    const workers = Array.from({ length: count }, (_, index) =>
      startWorker(
        ({ iomux }, given) => {
          const remote = iomux.Waker.from(given.handle);
          for (let i = 0; i < given.wakes; i++) {
            Atomics.add(given.counters, given.index, 1);
            remote.wake();
          }
        },
        { handle: waker.handle, counters, index, wakes },
      ),
    );
    const all = Promise.all(workers.map(ended));
    const total = (): number =>
      counters.reduce((sum, _, index) => sum + Atomics.load(counters, index), 0);
    // What was counted before a wake-up is visible after it: the last wake-up is never lost.
    while (total() < count * wakes) await waker.wait();
    await all;
  });

  test('goes to and fro between two threads', async () => {
    using waker = new Waker();
    const turns = 500;
    const worker = startWorker(
      async ({ iomux, threads }, given) => {
        const ours = new iomux.Waker();
        const theirs = iomux.Waker.from(given.handle);
        threads.parentPort?.postMessage(ours.handle);
        for (let turn = 0; turn < given.turns; turn++) {
          await ours.wait();
          theirs.wake();
        }
        return 'done';
      },
      { handle: waker.handle, turns },
    );
    const gone = ended(worker);
    const handle = await new Promise<WakerHandle>((resolve) => worker.once('message', resolve));
    const remote = Waker.from(handle);
    for (let turn = 0; turn < turns; turn++) {
      expect(remote.wake()).toBe(true);
      await waker.wait();
    }
    await gone;
    expect(remote.wake()).toBe(false);
  });

  test('of a Worker that was terminated while it waited is gone, and its number safe', async () => {
    const worker = startWorker(async ({ iomux, threads }) => {
      const waker = new iomux.Waker();
      threads.parentPort?.postMessage({ handle: waker.handle, fd: waker.signalFd });
      await waker.wait();
    }, undefined);
    const { handle, fd } = await new Promise<{ handle: WakerHandle; fd: number }>((resolve) =>
      worker.once('message', resolve),
    );
    expect(fd).toBe(handle.end);
    const [reader, writer] = pipe();
    await worker.terminate();
    owned([takeNumber(writer, fd)]);
    expect(Waker.from(handle).wake()).toBe(false);
    expect(() => readNow(reader)).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
  });

  test('that is closed under the hands of Workers touches nothing else', async () => {
    // Whether they are to stop, and how many have begun.
    const state = new Int32Array(new SharedArrayBuffer(8));
    const current = new Float64Array(new SharedArrayBuffer(16));
    current.fill(1);
    const workers = Array.from({ length: 2 }, () =>
      startWorker(
        ({ iomux }, given) => {
          const { Waker: OneWaker } = iomux;
          Atomics.add(given.state, 1, 1);
          let woken = 0;
          while (Atomics.load(given.state, 0) === 0) {
            const [end, serial] = given.current;
            if (OneWaker.from({ end, serial }).wake()) woken++;
          }
          return woken;
        },
        { state, current },
      ),
    );
    const answers = workers.map(
      (worker) => new Promise<number>((resolve) => worker.once('message', resolve)),
    );
    const gone = Promise.all(workers.map(ended));
    // Until then they open files, which get the free numbers.
    while (Atomics.load(state, 1) < workers.length) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [reader, writer] = pipe();
    let taken = 0;
    for (let round = 0; round < 100; round++) {
      const waker = new Waker();
      const { end, serial } = waker.handle;
      current.set([end, serial]);
      await waker.wait();
      waker.close();
      // A pipe gets the number at once, and a write to it would be read. A thread of the runtime may have been
      // faster.
      const next = descriptors.dupAbove(writer, end);
      if (next === end) taken++;
      descriptors.close(next);
    }
    expect(taken).toBeGreaterThan(50);
    Atomics.store(state, 0, 1);
    expect(Math.max(...(await Promise.all(answers)))).toBeGreaterThan(0);
    await gone;
    expect(() => readNow(reader)).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
  });

  test('in a Worker is woken by another one', async () => {
    const told = await inWorker(
      async ({ iomux, threads }, path: string) => {
        const waker = new iomux.Waker();
        const source = `
        const { workerData } = require('node:worker_threads');
        require(workerData.path).Waker.from(workerData.handle).wake();`;
        new threads.Worker(source, { eval: true, workerData: { path, handle: waker.handle } });
        await waker.wait();
        waker.close();
        return 'told';
      },
      join(__dirname, '../../dist/index.js'),
    );
    expect(told).toBe('told');
  });

  test('that nobody can reach is closed, and not woken by its handle', async () => {
    const outcome = await inChild(
      async ({ iomux, openDescriptors, collect }) => {
        const { Waker: OneWaker } = iomux;
        const used = async () => {
          const waker = new OneWaker();
          waker.wake();
          await waker.wait();
          return OneWaker.from(waker.handle);
        };
        await used();
        await collect();
        const before = openDescriptors();
        const remotes = await Promise.all(Array.from({ length: 20 }, used));
        for (let turn = 0; turn < 50 && openDescriptors() > before; turn++) await collect();
        return {
          left: openDescriptors() - before,
          woken: remotes.filter((one) => one.wake()).length,
        };
      },
      { flags: ['--expose-gc'] },
    );
    expect(outcome).toMatchObject({ code: 0, stderr: '', result: { left: 0, woken: 0 } });
  });
});

function readNow(fd: number): void {
  readSync(fd, Buffer.alloc(8));
}
