import { check, EBADF, EINVAL, unsupportedError } from '../errors';
import { BATCH_CAPACITY, native } from '../native';
import {
  type Abortable,
  descriptorOf,
  integer,
  liveSignal,
  maxEvents,
  MOST_FD,
  options,
  type Source,
  timeoutOf,
} from '../validate';
import { block } from './blocking';
import { Multiplexer } from './multiplexer';
import { probe } from './multiplexer-probe';
import { OwnedFd, refuseOwned } from './owned-fd';

// epoll_ctl(2) and <sys/epoll.h>. The values are the kernel's interface, the same on every
// architecture, and are here on every system so that programs can be written and typed anywhere.
/** There is something to read, or the end. */
export const EPOLLIN = 0x001;
/** An exceptional condition: urgent data on TCP, an edge on a GPIO line. */
export const EPOLLPRI = 0x002;
export const EPOLLOUT = 0x004;
/** Always reported, asked for or not. */
export const EPOLLERR = 0x008;
/** Always reported, asked for or not. */
export const EPOLLHUP = 0x010;
/** Reported by a descriptor that is not open; epoll itself never raises it. */
export const EPOLLNVAL = 0x020;
export const EPOLLRDNORM = 0x040;
export const EPOLLRDBAND = 0x080;
export const EPOLLWRNORM = 0x100;
export const EPOLLWRBAND = 0x200;
export const EPOLLMSG = 0x400;
/** The peer has shut down its sending side (Linux 2.6.17). */
export const EPOLLRDHUP = 0x2000;
/** Wakes at least one, but not all, of the epoll instances that watch the descriptor; `add` only (Linux 4.5). */
export const EPOLLEXCLUSIVE = 0x10000000;
/** Keeps the system from suspending while the event is handled (Linux 3.5, CAP_BLOCK_SUSPEND). */
export const EPOLLWAKEUP = 0x20000000;
/** Disabled after one event, until `modify` (Linux 2.6.2). */
export const EPOLLONESHOT = 0x40000000;
/** Edge-triggered. */
export const EPOLLET = 0x80000000;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;
/** Always set by `new Epoll()`. */
export const EPOLL_CLOEXEC = 0o2000000;

const ANY_EVENTS = 0xffffffff;
/** JavaScript's `|` answers with a signed number: EPOLLIN | EPOLLET is negative. */
const ANY_EVENTS_SIGNED = -(2 ** 31);
const HIGH = 2 ** 32;

/** What `wait` and `ready` report about one descriptor. */
export interface EpollEvent {
  /** Bits of EPOLL*. */
  events: number;
  /** The `data` that the descriptor was added with. */
  data: number;
}

// Shared by all instances: waits on one thread do not overlap.
const scratch = new Int32Array(3 * BATCH_CAPACITY);

/**
 * An epoll instance, 1:1 with epoll(7), on Linux. It is closed by `close`, when its thread ends, or when
 * it is garbage collected.
 *
 * @example
 * ```js
 * import { Epoll, EPOLLIN } from 'iomux/epoll';
 * const epoll = new Epoll();
 * epoll.add(process.stdin, EPOLLIN);
 * for (const { data, events } of epoll.wait({ timeout: 1000 })) console.log(data, events);
 * epoll.close();
 * ```
 */
export class Epoll extends Multiplexer {
  /** @throws `ERR_UNSUPPORTED_PLATFORM` where there is no epoll; `EMFILE`, `ENFILE`, `ENOMEM` */
  constructor();
  /** @internal */
  constructor(adopted: OwnedFd);
  constructor(adopted?: OwnedFd) {
    super(adopted instanceof OwnedFd ? adopted : new OwnedFd(create(), 'epoll instance'));
  }

  /**
   * Takes over the descriptor of an epoll instance, which is closed with the object.
   * @throws `EINVAL` for any other descriptor, `EBADF`, `ERR_BUSY` if it belongs to another handle, of any
   * thread, `ERR_UNSUPPORTED_PLATFORM`; `EMFILE`, `ENFILE`, `ENOMEM`
   */
  static fromFd(fd: number): Epoll {
    integer('fd', fd, 0, MOST_FD);
    if (native.backend !== 'epoll') throw unsupportedError('epoll');
    refuseOwned(fd);
    // If `fd` were closed, the probe could open a descriptor with just that number.
    check(native.fileType(fd), 'fstat', fd);
    check(probe(fd), 'epoll_ctl', fd);
    check(native.adopt(fd), 'fcntl', fd);
    return new Epoll(new OwnedFd(fd, 'epoll instance'));
  }

  /**
   * Calls epoll_ctl(2) with EPOLL_CTL_ADD. A source that is an object is not garbage collected until it is
   * deleted, another source is added under its number, or the instance is closed.
   * @param events bits of EPOLL*, signed (as made by `|`) or not
   * @param data is returned with every event; any safe integer >= 0, by default the descriptor
   * @throws `EEXIST`, `EPERM` (regular files, directories), `EBADF`, `EINVAL`, `ELOOP`, `ENOSPC`
   */
  add(source: Source, events: number, data?: number): void {
    this.#control(EPOLL_CTL_ADD, source, events, data);
  }

  /**
   * Calls epoll_ctl(2) with EPOLL_CTL_MOD, which replaces both the events and the data.
   * @throws `ENOENT`, `EBADF`, `EPERM`, `EINVAL` (EPOLLEXCLUSIVE)
   */
  modify(source: Source, events: number, data?: number): void {
    this.#control(EPOLL_CTL_MOD, source, events, data);
  }

  /**
   * Calls epoll_ctl(2) with EPOLL_CTL_DEL.
   * @throws `ENOENT`, `EBADF`, `EPERM`
   */
  delete(source: Source): void {
    this.#control(EPOLL_CTL_DEL, source, 0, 0);
  }

  /**
   * Blocks the thread, including its event loop, until something is ready. Returns an empty array when
   * the timeout expires. A signal does not end the wait.
   * @param o `timeout` in milliseconds (fractions allowed; -1, the default, waits forever, 0 polls);
   * `maxEvents`: the most events to return, at most 1024
   * @throws `ERR_CLOSED`; `EBADF` or `EINVAL` when somebody else has closed the descriptor: the instance is
   * closed then
   */
  wait(o?: { timeout?: number | undefined; maxEvents?: number | undefined }): EpollEvent[] {
    const given = options(o);
    return this.#wait(timeoutOf(given), maxEvents(given.maxEvents, BATCH_CAPACITY));
  }

  /**
   * Like `wait`, without blocking: resolves with at least one event. They are collected on resolving.
   * @throws `ERR_CLOSED`, also when the instance is closed while waiting; the signal's reason
   */
  async ready(o?: Abortable & { maxEvents?: number | undefined }): Promise<EpollEvent[]> {
    const signal = liveSignal(o);
    const most = maxEvents(o?.maxEvents, BATCH_CAPACITY);
    return this.collected(signal, () => this.#wait(0, most));
  }

  #control(operation: number, source: Source, events: number, data: number | undefined): void {
    const fd = descriptorOf(source);
    integer('events', events, ANY_EVENTS_SIGNED, ANY_EVENTS);
    const value = data === undefined ? fd : integer('data', data, 0, Number.MAX_SAFE_INTEGER);
    const low = value % HIGH;
    const high = Math.floor(value / HIGH);
    const result = native.epollControl(this.openFd(), operation, fd, events, low, high);
    // If that fails, the descriptor was closed, and is not registered either.
    if (operation === EPOLL_CTL_DEL) this.letGo(fd);
    check(result, 'epoll_ctl', fd);
    // The kernel accepts a number again only after the file that was added under it is closed.
    if (operation === EPOLL_CTL_ADD) this.letGo(fd);
    if (operation !== EPOLL_CTL_DEL) this.hold(fd, source);
  }

  #wait(milliseconds: number, most: number): EpollEvent[] {
    const fd = this.openFd();
    const count = block(milliseconds, (slice) => native.epollWait(fd, scratch, 0, most, slice));
    if (count === EBADF || count === EINVAL) this.lose();
    check(count, 'epoll_wait', fd);
    const events = new Array<EpollEvent>(count);
    for (let i = 0; i < count; i++) {
      const data = (scratch[3 * i] >>> 0) + (scratch[3 * i + 1] >>> 0) * HIGH;
      events[i] = { events: scratch[3 * i + 2] >>> 0, data };
    }
    return events;
  }
}

function create(): number {
  if (native.backend !== 'epoll') throw unsupportedError('epoll');
  return check(native.epollCreate(), 'epoll_create1');
}
