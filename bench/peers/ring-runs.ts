import { nativeProgram } from '../programs';
import { answerLines } from '../servers/lifecycle';

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
 * A ring of socket pairs that bytes go around: a byte that is read from one pair is written to the next.
 * Whoever waits for the descriptors calls `onReadable`.
 */
export class Ring {
  /** The descriptors to wait for. */
  readonly descriptors: readonly number[];
  events = 0;
  readonly #writing: readonly number[];
  readonly #active: number;
  readonly #writesPerRun: number;
  #writes = 0;
  #inFlight = 0;

  constructor(count: number, active: number, writes: number) {
    const opened = Array.from({ length: count }, () => pairs.open());
    this.descriptors = opened.map(([reading]) => reading);
    this.#writing = opened.map(([, writing]) => writing);
    this.#active = active;
    this.#writesPerRun = writes;
  }

  /** Whether the run is over: no byte is in flight. */
  get idle(): boolean {
    return this.#inFlight === 0;
  }

  /**
   * Starts a run: writes the first bytes. It is over when all writes are made and every byte has been read.
   */
  start(): void {
    const space = Math.floor(this.#writing.length / this.#active);
    for (let index = 0; index < this.#active; index += 1) this.#put(index * space);
    this.#writes = this.#writesPerRun;
    this.#inFlight = this.#active;
  }

  /** Call when the descriptor with that index is readable. */
  onReadable(index: number): void {
    if (!pairs.take(this.descriptors[index] ?? NaN)) return;
    this.events += 1;
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

/** Waits until the run that was started is over, blocking the thread or not. */
type Run = () => Promise<void> | void;

/** One way to wait for the descriptors of a ring. */
export type Runner = (ring: Ring) => Run;

/** For an API that blocks: `wait` blocks the thread, and then handles what is ready. */
export function blocking(wait: () => void, ring: Ring): Run {
  return () => {
    while (!ring.idle) wait();
  };
}

/** For an API that calls back from the event loop. */
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
 * Counts the events of a ring, in turns. Answers each with `{"events":N,"seconds":S,"cpuSeconds":S}`.
 * Arguments: the way to wait, pairs, bytes in flight, writes of a run, seconds that do not count, seconds
 * that count.
 */
export function countRing(runners: Readonly<Record<string, Runner>>): void {
  const [name = '', ...numbers] = process.argv.slice(2);
  const [count = NaN, active = NaN, writes = NaN, lead = NaN, seconds = NaN] = numbers.map(Number);
  const runner = runners[name];
  if (!runner) throw new Error(`There is no way to wait that is called ${name}`);
  const ring = new Ring(count, active, writes);
  const run = runner(ring);
  answerLines('', async () => {
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
