import { setTimeout as sleep } from 'node:timers/promises';

import type { Context } from './question';

/**
 * The speed of a machine changes from moment to moment, and now and then it stalls. And a single process says
 * little of how long loading takes. So a peer takes several short turns in a round, close in time to those of
 * the peers that it is compared with.
 */
export const TURNS = 3;
/** Seconds of such a turn: first those that do not count, then those that do. */
export const LEAD = 0.03;
export const WINDOW = 0.06;

/** Nothing happened in the measured time: the server stalled, or got no processor time. */
export class NothingMeasured extends Error {
  constructor(message: string) {
    super(`${message} in the measured time`);
  }
}

/** The seconds of a turn that do not count, and those that do. */
export interface Span {
  readonly lead: number;
  readonly window: number;
}

/** Takes a look when the measured time begins, and one when it ends. */
export async function lookTwice<T>(
  { signal }: Context,
  look: () => Promise<T>,
  { lead, window }: Span = { lead: LEAD, window: WINDOW },
): Promise<[T, T]> {
  await sleep(lead * 1e3, undefined, { signal });
  const before = await look();
  await sleep(window * 1e3, undefined, { signal });
  return [before, await look()];
}
