import { check, EBADF, invalidType, systemError, unsupportedError } from '../errors';
import { BATCH_CAPACITY, native } from '../native';
import {
  type Abortable,
  descriptorOf,
  integer,
  listOf,
  liveSignal,
  maxEvents,
  MOST_FD,
  options,
  type Source,
  timeoutOf,
} from '../validate';
import { block } from './blocking';
import {
  EV_ADD,
  EV_DELETE,
  EV_ERROR,
  EV_RECEIPT,
  EVFILT_EMPTY,
  EVFILT_EXCEPT,
  EVFILT_PROCDESC,
  EVFILT_READ,
  EVFILT_VNODE,
  EVFILT_WRITE,
} from './kqueue-constants';
import { Multiplexer } from './multiplexer';
import { probe } from './multiplexer-probe';
import { OwnedFd, refuseOwned } from './owned-fd';

/** A change to make. */
export interface KeventInit {
  /** What the filter is for: a descriptor, a process, a signal, or a number that you choose. */
  ident: Source;
  /** EVFILT_* */
  filter: number;
  /** Bits of EV_*; by default EV_ADD. */
  flags?: number | undefined;
  /** Bits of NOTE_*, depending on the filter. */
  fflags?: number | undefined;
  /** Depends on the filter: a period for a timer, a low-water mark; 0 by default. */
  data?: number | undefined;
  /** Returned with every event; any safe integer >= 0. */
  udata?: number | undefined;
}

/** An event. */
export interface Kevent {
  /** The `ident` of the change that requested it. */
  ident: number;
  /** One of EVFILT_*. */
  filter: number;
  /** Bits of EV_*: EV_EOF, EV_ERROR and others that the kernel reports. */
  flags: number;
  /** Bits of NOTE_*; with EV_EOF of a socket, its errno. */
  fflags: number;
  /** What the filter reports: bytes, connections, expirations; the errno with EV_ERROR. */
  data: number;
  /** The `udata` of the change. */
  udata: number;
}

const NONE = new Float64Array(0);
/** How many numbers a structure has; see Native. */
const WIDTH = 6;
const DESCRIPTOR_FILTERS = new Set<number | undefined>([
  EVFILT_READ,
  EVFILT_WRITE,
  EVFILT_VNODE,
  EVFILT_EXCEPT,
  EVFILT_EMPTY,
  EVFILT_PROCDESC,
]);

// Shared by all kqueues: calls on one thread do not overlap.
let scratch = NONE;

/**
 * A kqueue, 1:1 with kevent(2), on macOS and FreeBSD. It is closed by `close`, when its thread ends, or
 * when it is garbage collected.
 *
 * @example
 * ```js
 * import { Kqueue, EVFILT_READ } from 'iomux/kqueue';
 * const kqueue = new Kqueue();
 * const changes = [{ ident: process.stdin, filter: EVFILT_READ }];
 * for (const { ident, data } of kqueue.kevent(changes, { timeout: 1000 })) console.log(ident, data);
 * kqueue.close();
 * ```
 */
export class Kqueue extends Multiplexer {
  /** @throws `ERR_UNSUPPORTED_PLATFORM` where there is no kqueue; `EMFILE`, `ENFILE`, `ENOMEM` */
  constructor();
  /** @internal */
  constructor(adopted: OwnedFd);
  constructor(adopted?: OwnedFd) {
    super(adopted instanceof OwnedFd ? adopted : new OwnedFd(create(), 'kqueue'));
  }

  /**
   * Takes over the descriptor of a kqueue, which is closed with the object.
   * @throws `EBADF` for any other descriptor, `ERR_BUSY` if it belongs to another handle, of any
   * thread, `ERR_UNSUPPORTED_PLATFORM`
   */
  static fromFd(fd: number): Kqueue {
    integer('fd', fd, 0, MOST_FD);
    if (native.backend !== 'kqueue') throw unsupportedError('kqueue');
    refuseOwned(fd);
    check(probe(fd), 'kevent', fd);
    check(native.adopt(fd), 'fcntl', fd);
    return new Kqueue(new OwnedFd(fd, 'kqueue'));
  }

  /**
   * Calls kevent(2): makes the changes, then blocks the thread, including its event loop, until there is
   * an event. Returns an empty array when the timeout expires. A signal does not end the wait.
   *
   * A source that is an object is not garbage collected until its filters are deleted, or the kqueue is
   * closed. All changes are made even if one fails; the first failure is thrown. For the result of each,
   * set EV_RECEIPT on one of them: then the call does not throw or wait, but returns an event for each
   * change that failed or has EV_RECEIPT, with EV_ERROR in `flags` and its errno (0: made) in `data`.
   * @param o `timeout` in milliseconds (fractions allowed; -1, the default, waits forever, 0 polls);
   * `maxEvents`: the most events to return, at most 1024
   * @throws `ENOENT`, `EBADF`, `EINVAL` and whatever else a change fails with; `ERR_CLOSED`
   */
  kevent(
    changes: Iterable<KeventInit>,
    o?: { maxEvents?: number | undefined; timeout?: number | undefined },
  ): Kevent[] {
    const given = options(o);
    const limit = timeoutOf(given);
    const most = maxEvents(given.maxEvents, BATCH_CAPACITY);
    const inits = listOf('changes', changes);
    const list = inits.map(toStructure);
    const events = this.#kevent(list, most, limit);
    const failures = events.filter(isFailure);
    list.forEach((change, i) => this.#keep(inits[i].ident, change, failures));
    const asked = list.some(([, , flags]) => (flags & EV_RECEIPT) !== 0);
    if (!asked && failures.length > 0) throw failureOf(failures[0]);
    return events;
  }

  /**
   * Waits without blocking and without changes: resolves with at least one event. They are collected on
   * resolving.
   * @throws `ERR_CLOSED`, also when the kqueue is closed while waiting; the signal's reason
   */
  async ready(o?: Abortable & { maxEvents?: number | undefined }): Promise<Kevent[]> {
    const signal = liveSignal(o);
    const most = maxEvents(o?.maxEvents, BATCH_CAPACITY);
    return this.collected(signal, () => this.#kevent([], most, 0));
  }

  /** Keeps the source of a change that added a filter, and lets go of one that was deleted. */
  #keep(source: Source, change: Structure, failures: readonly Kevent[]): void {
    const [ident, filter, flags] = change;
    const key = ident * 0x10000 - filter;
    if ((flags & EV_DELETE) !== 0) {
      this.letGo(key);
    } else if ((flags & EV_ADD) !== 0) {
      const failed = failures.some((event) => event.ident === ident && event.filter === filter);
      if (!failed) this.hold(key, source);
    }
  }

  #kevent(list: readonly Structure[], most: number, milliseconds: number): Kevent[] {
    const fd = this.openFd();
    const changes = list.length === 0 ? NONE : Float64Array.from(list.flat());
    const room = WIDTH * Math.max(most, list.length);
    if (scratch.length < room) scratch = new Float64Array(room);
    let left = list.length;
    const count = block(milliseconds, (slice) => {
      const result = native.kqueueKevent(fd, changes, left, scratch, most, slice);
      left = 0; // the first slice of a long wait has made the changes
      return result;
    });
    // A change that fails is an event: this is about the kqueue.
    if (count === EBADF) this.lose();
    return Array.from({ length: check(count, 'kevent', fd) }, (_, i) => toKevent(WIDTH * i));
  }
}

type Structure = [
  ident: number,
  filter: number,
  flags: number,
  fflags: number,
  data: number,
  udata: number,
];

function create(): number {
  if (native.backend !== 'kqueue') throw unsupportedError('kqueue');
  return check(native.kqueueCreate(), 'kqueue');
}

function toStructure(change: KeventInit): Structure {
  if (typeof change !== 'object' || (change as unknown) === null) {
    throw invalidType('changes', 'an iterable of objects', change);
  }
  const { ident, filter, flags = EV_ADD, fflags = 0, data = 0, udata = 0 } = change;
  const safe = Number.MAX_SAFE_INTEGER;
  return [
    typeof ident === 'number' ? integer('ident', ident, 0, safe) : descriptorOf(ident),
    // FreeBSD silently skips filter 0.
    integer('filter', filter, -0x8000, -1),
    integer('flags', flags, 0, 0xffff),
    // In JavaScript, `|` with the highest bit results in a negative number.
    integer('fflags', fflags, -(2 ** 31), 2 ** 32 - 1) >>> 0,
    integer('data', data, -safe, safe),
    integer('udata', udata, 0, safe),
  ];
}

function toKevent(at: number): Kevent {
  const [ident, filter, flags, fflags, data, udata] = scratch.subarray(at, at + WIDTH);
  return { ident, filter, flags, fflags, data, udata };
}

function isFailure({ flags, data }: Kevent): boolean {
  return (flags & EV_ERROR) !== 0 && data !== 0;
}

function failureOf({ ident, filter, data }: Kevent): Error {
  return systemError(-data, 'kevent', DESCRIPTOR_FILTERS.has(filter) ? { fd: ident } : {});
}
