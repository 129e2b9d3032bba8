import { beforeAll, describe, expect, test } from 'vitest';
import { ended, inChild, type Script } from '../support/child';
import { descriptors } from '../support/descriptors';

// The costs of an event other than system calls, in numbers that are the same in every run: entries from C++ into
// JavaScript, promises, bytes. A cost that is added to every event fails a test here. The numbers of bytes are
// those of Node 20 to 24; later versions need fewer.

/** How many descriptors are ready at every wake-up. */
const READY = 100;
/** How many wake-ups a window has, and how many windows are measured. */
const WAKES = 20;
const WINDOWS = 40;
/** In milliseconds, on a machine that is very busy. */
const TIMEOUT = 60_000;

type Kind = 'callbacks' | 'promises' | 'echo' | 'echo of readSome';

interface Work {
  readonly kind: Kind;
  readonly ready: number;
  readonly wakes: number;
  readonly windows: number;
  /** Counting promises allocates, too. */
  readonly countsPromises: boolean;
}

/** Until now, or within a window. */
interface Costs {
  readonly entries: number;
  /** As async_hooks count them: each promise, and each `await`. */
  readonly promises: number;
  readonly bytes: number;
}

/** Makes all descriptors ready again and again, and counts from one wake-up to another. */
const script: Script<Work> = ({ iomux, net, descriptors: tools, fs }, work) => {
  const { GCProfiler, getHeapStatistics } = require('node:v8') as typeof import('node:v8');
  const { createHook } = require('node:async_hooks') as typeof import('node:async_hooks');
  const { gc } = globalThis as unknown as { gc: (o: object) => void };
  let promises = 0;
  if (work.countsPromises) {
    createHook({ init: (_, type) => void (promises += Number(type === 'PROMISE')) }).enable();
  }
  tools.watchEntries();
  const look = (): Costs => {
    const bytes = getHeapStatistics().used_heap_size;
    return { entries: tools.entries(), promises, bytes };
  };

  const costs: Costs[] = [];
  let before = look();
  let profiler = new GCProfiler();
  profiler.start();
  const endWindow = (): void => {
    const after = look();
    if (profiler.stop().statistics.length === 0) {
      costs.push({
        entries: after.entries - before.entries,
        promises: after.promises - before.promises,
        bytes: after.bytes - before.bytes,
      });
    }
    // Make room for the allocations of the next window.
    gc({ type: 'minor' });
    profiler = new GCProfiler();
    profiler.start();
    before = look();
  };

  let wakes = 0;
  let served = 0;
  let haveAllReadyAgain = (): void => undefined;
  const serve = (): void => {
    served += 1;
    if (served < work.ready) return;
    served = 0;
    wakes += 1;
    if (wakes % work.wakes === 0) endWindow();
    if (wakes === work.wakes * work.windows) {
      fs.writeSync(1, JSON.stringify(costs));
      process.exit();
    }
    haveAllReadyAgain();
  };

  const readyPipe = (): number => {
    const [reader, writer] = tools.pipe();
    fs.writeSync(writer, 'x');
    return reader;
  };
  const message = Buffer.alloc(64);
  const far: number[] = [];
  const connected = (): InstanceType<typeof net.Stream> => {
    const [near, other] = tools.socketPair(true);
    far.push(other);
    haveAllReadyAgain = () => {
      for (const fd of far) {
        fs.readSync(fd, message);
        fs.writeSync(fd, message);
      }
    };
    fs.writeSync(other, message);
    return net.Stream.fromFd(near);
  };

  const starts: Record<Kind, () => unknown> = {
    callbacks: () => void iomux.register(readyPipe(), iomux.READABLE, serve),
    promises: async () => {
      const fd = readyPipe();
      for (;;) {
        await iomux.readable(fd);
        serve();
      }
    },
    echo: async () => {
      const stream = connected();
      const into = Buffer.alloc(128);
      for (;;) {
        await stream.write(into, 0, await stream.read(into));
        serve();
      }
    },
    'echo of readSome': async () => {
      const stream = connected();
      for (;;) {
        await stream.write((await stream.readSome()) ?? '');
        serve();
      }
    },
  };
  for (let started = 0; started < work.ready; started++) starts[work.kind]();
};

/** The costs of the cheapest window, in which V8 has optimised everything and no timer fires. */
async function count(kind: Kind, countsPromises = false): Promise<Costs> {
  // One thread, so that V8 optimises at the same moment in every run.
  const flags = '--single-threaded --expose-gc --min-semi-space-size=64 --max-semi-space-size=64';
  const argument = { kind, ready: READY, wakes: WAKES, windows: WINDOWS, countsPromises };
  const { result, ...outcome } = await inChild(script, {
    argument,
    flags: flags.split(' '),
    deadline: TIMEOUT,
  });
  expect(outcome).toEqual(ended);
  const windows = result as Costs[];
  expect(windows.length).toBeGreaterThan(WINDOWS / 2);
  const least = (cost: keyof Costs) => Math.min(...windows.map((window) => window[cost]));
  return { entries: least('entries'), promises: least('promises'), bytes: least('bytes') };
}

// A runtime without V8 has other numbers, and does not report them.
describe.skipIf(!descriptors.watchEntries())('what an event costs', { timeout: TIMEOUT }, () => {
  const kinds: Kind[] = ['callbacks', 'promises', 'echo', 'echo of readSome'];
  const counted = new Map<Kind, Costs>();
  beforeAll(async () => {
    for (const kind of kinds) counted.set(kind, await count(kind));
  }, TIMEOUT);

  test.each(kinds)('a wake-up enters JavaScript once for 100 %s', (kind) => {
    const entries = counted.get(kind)?.entries;
    if (process.env['IOMUX_DRIVER'] === 'uv') {
      expect(entries).toBe(WAKES);
    } else {
      // It is woken by a queue of the runtime, which costs an entry and a next tick, and ends its wake-up in an
      // immediate. Wake-ups in between are merged.
      expect(entries).toBeLessThanOrEqual(3 * WAKES);
    }
  });

  // Each `await` counts as one, in addition to the awaited promise; a write that succeeds at once has none.
  test.each([
    ['callbacks', 0],
    ['promises', 2],
    ['echo', 3],
    ['echo of readSome', 3],
  ] as const)('%s make as many promises as they must: %i', async (kind, promises) => {
    const costs = await count(kind, true);
    expect(costs.promises).toBe(promises * WAKES * READY);
  });

  test.each([
    ['callbacks', 0],
    ['promises', 496],
    ['echo', 672],
    ['echo of readSome', 1056],
  ] as const)('%s allocate no more than they must: %i bytes', (kind, bytes) => {
    // Less than one more object per event, however small: counting itself costs something, and so does a
    // wake-up on the driver `thread`.
    const costs = counted.get(kind)?.bytes ?? NaN;
    expect(costs / WAKES / READY).toBeLessThan(bytes + 12);
  });
});
