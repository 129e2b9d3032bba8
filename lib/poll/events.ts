import { PRIORITY, READABLE, WRITABLE } from './interest';

/**
 * Internally, readiness is a number: the bits of the interest, and these two, which are always reported.
 * Every selector decodes the kernel's flags into it.
 */
export const HANGUP = 8;
export const ERROR = 16;
const EVERY_READINESS = 32;

/** What a descriptor is ready for. A hint: it may have changed by the time you see it. */
export interface Readiness {
  /** A read would not block: there is data, a connection to accept, or the end. */
  readonly readable: boolean;
  /** A write would not block. */
  readonly writable: boolean;
  /** There is an exceptional condition; see `PRIORITY`. */
  readonly priority: boolean;
  /**
   * The other side has gone, or will send no more. There may still be data from before: read until
   * the end.
   */
  readonly hangup: boolean;
  /** There is an error or another condition, which the next call on the descriptor reports. */
  readonly error: boolean;
}

const objects = Array.from({ length: EVERY_READINESS }, (_, bits): Readiness =>
  Object.freeze({
    readable: (bits & READABLE) !== 0,
    writable: (bits & WRITABLE) !== 0,
    priority: (bits & PRIORITY) !== 0,
    hangup: (bits & HANGUP) !== 0,
    error: (bits & ERROR) !== 0,
  }),
);

/** One of 32 frozen objects that were created once: an event allocates nothing. */
export function readinessOf(bits: number): Readiness {
  return objects[bits];
}

export function readinessBits(readiness: Readiness): number {
  return objects.indexOf(readiness);
}

/**
 * Whether an event ends a wait with this interest. A hang-up or an error is reported as READABLE and
 * WRITABLE, but must also end a wait for PRIORITY alone.
 */
export function concerns(ready: number, interest: number): boolean {
  return (ready & interest) !== 0 || (interest === PRIORITY && (ready & (HANGUP | ERROR)) !== 0);
}
