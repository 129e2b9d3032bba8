import { EBADF, ENOENT, EPERM } from '../errors';
import { BATCH_CAPACITY, HEADER_LENGTH } from '../native';
import type { Interest, Mode } from './interest';

/** The system call that finds out what is ready. */
export type Backend = 'epoll' | 'kqueue' | 'poll' | 'select';

/**
 * Whether a change has failed because the descriptor was closed, or because its number is another file's by
 * now (EPERM: one that cannot be waited for).
 */
export function isGone(result: number): boolean {
  return result === ENOENT || result === EBADF || result === EPERM;
}

/** An array for the header and the events of one harvest; see Native. */
export function newBatch(capacity: number = BATCH_CAPACITY): Int32Array {
  return new Int32Array(HEADER_LENGTH + 3 * capacity);
}

/**
 * Asks the kernel which descriptors are ready: one contract over epoll, kqueue, poll and select. It knows
 * the kernel's flags, but no promises and tokens. The caller keeps the table of registrations: it adds only
 * what is not registered, and modifies and deletes only what is.
 *
 * Methods return 0 or more, or a negated errno.
 */
export interface Selector {
  readonly backend: Backend;
  readonly modes: readonly Mode[];
  /**
   * The interest of our own streams, which are edge-triggered: both directions, and urgent data where it has
   * an event of its own.
   */
  readonly streamInterest: Interest;
  /** The system calls behind `add`, `wait` and `renew`, for error messages. */
  readonly controlCall: string;
  readonly waitCall: string;
  readonly renewCall?: string | undefined;
  /** The multiplexer's descriptor, readable while there are events; -1 where there is none (poll, select). */
  readonly fd: number;
  /** The same for users to watch: it stays valid after `renew`, which replaces the file behind `fd`. */
  readonly watchable: number;
  /**
   * After HEADER_LENGTH numbers, the events of the last `wait` or harvest: triples of
   * (fd, generation, flags). A descriptor may stand in more than one.
   */
  readonly batch: Int32Array;
  /** The flags of an event in bits of READABLE, WRITABLE, PRIORITY, HANGUP and ERROR. */
  readiness(this: void, flags: number): number;

  add(fd: number, generation: number, interest: Interest, mode: Mode): number;
  /** `previous` is the interest that was registered before. */
  modify(
    fd: number,
    generation: number,
    interest: Interest,
    mode: Mode,
    previous: Interest,
  ): number;
  delete(fd: number, previous: Interest): number;

  /**
   * Blocks for up to `timeout` milliseconds (-1: for ever), and returns the number of events, at most
   * `maxEvents`, which the batch has room for.
   */
  wait(timeout: number, maxEvents: number): number;

  /**
   * Removes every registration; the caller then adds again what it wants. This is the only way to remove a
   * ghost: a registration whose descriptor was closed while a duplicate keeps the file open. Absent where the
   * kernel has no ghosts.
   */
  renew?(): number;

  /** Pairs of (fd, poll(2) events) to watch in the background; where `fd` is -1. */
  descriptors?(): Int32Array;

  close(): void;
  /** Closes it without its descriptor, which somebody else has closed: the number may be another file's. */
  lose?(): void;
}
