import { setTimeout as sleep } from 'node:timers/promises';

import type { Context } from './question';

/**
 * A machine is faster in one moment than in the next, and now and then stands still. So a server that is
 * warm has many turns, and short ones: whom it is compared with has seen nearly the same of it.
 */
export const TURNS = 3;
/** Of such a turn, in seconds: before it counts, and while it does. */
export const LEAD = 0.03;
export const WINDOW = 0.06;

/** Nothing was done within a window: the server halted, or the machine had no time for it. */
export class NothingMeasured extends Error {
  constructor(message: string) {
    super(`${message} in the measured time`);
  }
}

/** The seconds of a turn. */
export interface Span {
  readonly lead: number;
  readonly window: number;
}

/** What is seen when the window begins and when it ends. */
export async function lookThrough<T>(
  { signal }: Context,
  look: () => Promise<T>,
  { lead, window }: Span = { lead: LEAD, window: WINDOW },
): Promise<[T, T]> {
  await sleep(lead * 1e3, undefined, { signal });
  const before = await look();
  await sleep(window * 1e3, undefined, { signal });
  return [before, await look()];
}
