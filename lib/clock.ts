// A program under test may replace these functions with a fake clock (jest, vitest, Node's `mock.timers`). The
// kernel's clock goes on, and code that works with it must use the real functions, as Node's own timers do.

export const { setImmediate, clearImmediate, setTimeout, clearTimeout, queueMicrotask } =
  globalThis;

/** The longest timeout of Node's timers, in milliseconds. */
export const LONGEST_TIMER = 2 ** 31 - 1;

export const nextTick = process.nextTick.bind(process);

/** In nanoseconds; monotonic. */
export const monotonicNow = process.hrtime.bigint.bind(process.hrtime);

/**
 * In milliseconds; monotonic. Not by `performance`, which takes Node 1 ms to load; but in Deno `hrtime` calls
 * `performance.now`, which may be fake.
 */
export const now: () => number =
  process.versions['deno'] === undefined
    ? () => Number(monotonicNow()) / 1e6
    : performance.now.bind(performance);

const dateNow = Date.now.bind(Date);

/** In nanoseconds since 1970. */
export function wallNow(): bigint {
  return BigInt(dateNow()) * 1_000_000n;
}
