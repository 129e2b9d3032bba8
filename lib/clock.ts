// A program under test may stop its clock (jest, vitest, `mock.timers` of Node). That of the kernel goes on,
// and so must whoever works with it, as the timers inside of Node do.

export const { setImmediate, clearImmediate, setTimeout, clearTimeout, queueMicrotask } =
  globalThis;

/** No timer of Node's waits longer, in milliseconds. */
export const LONGEST_TIMER = 2 ** 31 - 1;

export const nextTick = process.nextTick.bind(process);

/** In nanoseconds; monotonic. */
export const monotonicNow = process.hrtime.bigint.bind(process.hrtime);

/**
 * In milliseconds; monotonic. Not of `performance`, which Node would load for it in 1 ms; in Deno
 * `hrtime` asks that for the time, and stops with it.
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
