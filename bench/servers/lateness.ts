import type { Counters } from './lifecycle';

/** Milliseconds between the timers. */
const INTERVAL = 10;

/**
 * Runs a timer over and over, and tells by how many milliseconds it was late: in the middle, and at
 * most, since it was asked last.
 */
export function lateness(): Counters {
  let late: number[] = [];
  const schedule = (): void => {
    const due = performance.now() + INTERVAL;
    setTimeout(() => {
      late.push(performance.now() - due);
      schedule();
    }, INTERVAL);
  };
  schedule();
  return () => {
    const sorted = late.sort((a, b) => a - b);
    late = [];
    return {
      timers: sorted.length,
      typicallyLate: sorted[sorted.length >> 1] ?? NaN,
      mostLate: sorted.at(-1) ?? NaN,
    };
  };
}
