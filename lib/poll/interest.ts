import { invalidValue } from '../errors';
import { integer } from '../validate';

/** What to wait for: READABLE, WRITABLE, PRIORITY or a combination of their bits. */
export type Interest = number;

/** A read would not block: there is data, a connection to accept, or the end. */
export const READABLE = 1;
/** A write would not block. */
export const WRITABLE = 2;
/** There is an exceptional condition: urgent data on TCP, an edge on a GPIO line. Not READABLE. */
export const PRIORITY = 4;

/** All of them. */
export const ANY = READABLE | WRITABLE | PRIORITY;

/**
 * How often a descriptor that stays ready is reported: every time (`level`, the default), only when it
 * becomes ready or more arrives (`edge`), or once until the next `modify` (`oneshot`).
 */
export type Mode = 'level' | 'edge' | 'oneshot';

/** @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` */
export function interestOf(interest: unknown): Interest {
  return integer('interest', interest, 1, ANY);
}

/** @throws `ERR_INVALID_ARG_VALUE` for anything but one of the `supported` modes */
export function modeOf(mode: Mode | undefined, supported: readonly Mode[]): Mode {
  if (mode === undefined) return 'level';
  if (supported.includes(mode)) return mode;
  const names = supported.map((name) => `'${name}'`).join(', ');
  throw invalidValue('options.mode', `must be one of: ${names}`, mode);
}
