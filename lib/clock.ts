// A program under test may stop its clock (jest, vitest, `mock.timers` of Node). That of the kernel goes on,
// and so must whoever works with it, as the timers inside of Node do.

export const { setImmediate, clearImmediate, setTimeout, clearTimeout, queueMicrotask } =
  globalThis;

export const nextTick = process.nextTick.bind(process);

/** In nanoseconds; monotonic. */
export const monotonicNow = process.hrtime.bigint.bind(process.hrtime);

/** In milliseconds; monotonic. `performance` would be loaded for it, which takes 1 ms. */
export function now(): number {
  return Number(monotonicNow()) / 1e6;
}

const dateNow = Date.now.bind(Date);

/** In nanoseconds since 1970. */
export function wallNow(): bigint {
  return BigInt(dateNow()) * 1_000_000n;
}
