// A program under test may stop its clock (jest, vitest, `mock.timers` of Node). That of the kernel goes on,
// and so must whoever works with it, as the timers inside of Node do.

export const { setImmediate, clearImmediate, setTimeout, clearTimeout, queueMicrotask } =
  globalThis;

export const nextTick = process.nextTick.bind(process);

/** In milliseconds; monotonic. */
export const now = performance.now.bind(performance);

/** In nanoseconds; monotonic. */
export const monotonicNow = process.hrtime.bigint.bind(process.hrtime);

const dateNow = Date.now.bind(Date);

/** In nanoseconds since 1970. */
export function wallNow(): bigint {
  return BigInt(dateNow()) * 1_000_000n;
}
