import { PRIORITY, READABLE, WRITABLE } from './interest';

/**
 * Readiness crosses the layers as a number: the bits of the interest, and two that nobody has to ask
 * for. Every selector decodes the kernel's flags into these.
 */
export const HANGUP = 8;
export const ERROR = 16;
const EVERY_READINESS = 32;

/** The same as an object, for users. A hint: by the time it is seen, it may have changed. */
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

/** One of 32 frozen objects that were made once: an event allocates nothing. */
export function readinessOf(bits: number): Readiness {
  return objects[bits];
}

export function readinessBits(readiness: Readiness): number {
  return objects.indexOf(readiness);
}

/**
 * Whether an event concerns somebody with this interest. A hang-up or an error does not name a
 * direction to those who wait for PRIORITY alone, and they must not be left waiting.
 */
export function concerns(ready: number, interest: number): boolean {
  return (ready & interest) !== 0 || (interest === PRIORITY && (ready & (HANGUP | ERROR)) !== 0);
}
