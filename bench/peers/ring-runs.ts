import { nativeProgram } from '../programs';
import { takeTurns } from './turns';

interface PairsAddon {
  /** Two connected sockets, one to read and one to write. */
  open(): [reading: number, writing: number];
  /** Whether there was a byte. */
  take(fd: number): boolean;
  put(fd: number): void;
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- an addon has no other way in
const pairs = require(nativeProgram('pairs.node')) as PairsAddon;

/**
 * Bytes that go around a ring of socket pairs: who finds one passes it on to the next pair. What
 * waits for them is somebody else's; it calls `onReadable`.
 */
export class Ring {
  readonly #reading: number[] = [];
  readonly #writing: number[] = [];
  readonly #active: number;
  readonly #writesPerRun: number;
  #writes = 0;
  #inFlight = 0;
  #events = 0;

  constructor(count: number, active: number, writes: number) {
    for (let index = 0; index < count; index += 1) {
      const [reading, writing] = pairs.open();
      this.#reading.push(reading);
      this.#writing.push(writing);
    }
    this.#active = active;
    this.#writesPerRun = writes;
  }

  /** The descriptors to wait for. */
  get descriptors(): readonly number[] {
    return this.#reading;
  }

  get events(): number {
    return this.#events;
  }

  /** Whether a run is over: then nothing is under way. */
  get idle(): boolean {
    return this.#inFlight === 0;
  }

  /** Lets the bytes in; the run is over when all have been passed on often enough. */
  start(): void {
    const space = Math.floor(this.#writing.length / this.#active);
    for (let index = 0; index < this.#active; index += 1) this.#put(index * space);
    this.#writes = this.#writesPerRun;
    this.#inFlight = this.#active;
  }

  /** The descriptor of that index is readable. */
  onReadable(index: number): void {
    if (!pairs.take(this.#reading[index] ?? NaN)) return;
    this.#events += 1;
    if (this.#writes === 0) {
      this.#inFlight -= 1;
      return;
    }
    this.#writes -= 1;
    this.#put(index + 1 === this.#writing.length ? 0 : index + 1);
  }

  #put(index: number): void {
    pairs.put(this.#writing[index] ?? NaN);
  }
}

/** Ends, or resolves, when the run is over that was started. */
type Run = () => Promise<void> | void;

/** One way to wait for the descriptors of a ring. */
export type Runner = (ring: Ring) => Run;

/** Of a program that waits by itself: it blocks the thread, and handles what is ready. */
export function blocking(wait: () => void, ring: Ring): Run {
  return () => {
    while (!ring.idle) wait();
  };
}

/** Of a program that the event loop calls back. */
export function calledBack(ring: Ring, watch: (fd: number, callback: () => void) => void): Run {
  let resolve = (): void => undefined;
  for (const [index, fd] of ring.descriptors.entries()) {
    watch(fd, () => {
      ring.onReadable(index);
      if (ring.idle) resolve();
    });
  }
  return () =>
    new Promise<void>((settle) => {
      resolve = settle;
    });
}

async function runFor(ring: Ring, run: Run, seconds: number) {
  const deadline = performance.now() + seconds * 1e3;
  do {
    ring.start();
    await run();
  } while (performance.now() < deadline);
  return { events: ring.events, time: performance.now(), cpu: process.cpuUsage() };
}

/**
 * Counts what goes around a ring, in turns, and answers with `{"events":N,"seconds":S,"cpuSeconds":S}`.
 * Arguments: the way to wait, pairs, bytes under way, writes of a run, seconds before it counts,
 * seconds.
 */
export function countRing(runners: Readonly<Record<string, Runner>>): void {
  const [name = '', ...numbers] = process.argv.slice(2);
  const [count = NaN, active = NaN, writes = NaN, lead = NaN, seconds = NaN] = numbers.map(Number);
  const runner = runners[name];
  if (!runner) throw new Error(`There is no way to wait that is called ${name}`);
  const ring = new Ring(count, active, writes);
  const run = runner(ring);
  takeTurns(async () => {
    const before = await runFor(ring, run, lead);
    const after = await runFor(ring, run, seconds);
    const cpu = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system;
    return {
      events: after.events - before.events,
      seconds: (after.time - before.time) / 1e3,
      cpuSeconds: cpu / 1e6,
    };
  });
}
