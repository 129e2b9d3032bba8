import type { Counters } from './lifecycle';

/** How many timers run at a time. */
const TIMERS = 20;
/**
 * Milliseconds of the shortest timer. The lengths differ, since timers of one length would soon all be due
 * together, always at the same stage of an iteration of the event loop.
 */
const SHORTEST = 10;
const LENGTHS = 10;

/**
 * Runs timers over and over. Returns how many have fired since the last call, and by how many milliseconds
 * they were late.
 */
export function lateness(): Counters {
  let late: number[] = [];
  let started = 0;
  const schedule = (): void => {
    const length = SHORTEST + (started++ % LENGTHS);
    const due = performance.now() + length;
    setTimeout(() => {
      late.push(performance.now() - due);
      schedule();
    }, length);
  };
  for (let timer = 0; timer < TIMERS; timer += 1) schedule();
  return () => {
    const sorted = late.sort((a, b) => a - b);
    const quantile = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? NaN;
    late = [];
    return {
      timers: sorted.length,
      p50: quantile(0.5),
      p90: quantile(0.9),
      max: sorted.at(-1) ?? NaN,
    };
  };
}
