import { EBADF, ENOENT, EPERM } from '../errors';
import { BATCH_CAPACITY, HEADER_LENGTH } from '../native';
import type { Interest, Mode } from './interest';

/** The system call that finds out what is ready. */
export type Backend = 'epoll' | 'kqueue' | 'poll' | 'select';

/**
 * Whether a change has failed because the number is nobody's by now, or another file's: EPERM says that
 * this one cannot be waited for at all.
 */
export function isGone(result: number): boolean {
  return result === ENOENT || result === EBADF || result === EPERM;
}

/** Room for the header and the events of one harvest; see Native. */
export function newBatch(capacity: number = BATCH_CAPACITY): Int32Array {
  return new Int32Array(HEADER_LENGTH + 3 * capacity);
}

/**
 * One way of asking the kernel which descriptors are ready; the same contract over epoll, kqueue,
 * poll and select. It knows the kernel's flags and nothing of promises, tokens or users. The caller
 * keeps the table of what is registered: it adds what is not there, modifies and deletes what is.
 *
 * Methods return 0 or more, or a negated errno.
 */
export interface Selector {
  readonly backend: Backend;
  readonly modes: readonly Mode[];
  /**
   * What a stream of our own asks for, edge-triggered: both directions, and urgent data where that is
   * reported for itself.
   */
  readonly streamInterest: Interest;
  /** The system calls behind `add`, `wait` and `renew`, for error messages. */
  readonly controlCall: string;
  readonly waitCall: string;
  readonly renewCall?: string;
  /** Readable while there are events; -1 where no descriptor stands for all of them (poll, select). */
  readonly fd: number;
  /** The same for others, who may watch it: the file behind `fd` is another one after `renew`. */
  readonly watchable: number;
  /**
   * After HEADER_LENGTH numbers, the events of the last `wait` or harvest: triples of
   * (fd, generation, flags). A descriptor may stand in more than one.
   */
  readonly batch: Int32Array;
  /** What the flags of an event say, in bits of READABLE, WRITABLE, PRIORITY, HANGUP, ERROR. */
  readiness(this: void, flags: number): number;

  add(fd: number, generation: number, interest: Interest, mode: Mode): number;
  /** `previous` is the interest that is registered until now. */
  modify(
    fd: number,
    generation: number,
    interest: Interest,
    mode: Mode,
    previous: Interest,
  ): number;
  delete(fd: number, previous: Interest): number;

  /** Blocks for up to so many milliseconds (-1: for ever) for at most so many events: their count. */
  wait(timeout: number, maxEvents: number): number;

  /**
   * Forgets every registration, so that the caller can add again what it wants. The only way to get
   * rid of one whose descriptor was closed while a duplicate keeps the file open; absent where the
   * kernel has no such ghosts.
   */
  renew?(): number;

  /** Pairs of (fd, poll(2) events) to watch in the background; where `fd` is -1. */
  descriptors?(): Int32Array;

  close(): void;
  /** Instead, where somebody else has closed the multiplexer: its number may be another file's. */
  lose?(): void;
}
