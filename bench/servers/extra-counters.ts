import { heap } from './heap';
import { lateness } from './lateness';
import type { Counters } from './lifecycle';

const EXTRA: Readonly<Record<string, () => Counters>> = { timers: lateness, heap: () => heap };

/** What an echo server counts besides: the argument before the address says so. */
export function extraCounters(): Counters | undefined {
  return EXTRA[process.argv.at(-2) ?? '']?.();
}
