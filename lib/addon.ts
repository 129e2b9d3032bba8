import type { NativeSockets } from './addon-sockets';

/**
 * The addon's interface. Every function makes one system call, or a few that belong together, and
 * returns its result, or the negated errno. None throws. The addon does not check arguments: lib/ has
 * to check what users pass.
 *
 * Timeouts are milliseconds with a fraction, negative for forever.
 */
export interface Native extends NativeSockets {
  /** The multiplexer that is linked into this build of the addon. */
  readonly backend: 'epoll' | 'kqueue';

  // With the backend epoll. `data` is passed as two halves of 32 bits; events are triples (low half,
  // high half, flags), the first one at `offset`.
  epollCreate(): number;
  epollControl(
    epoll: number,
    operation: number,
    fd: number,
    events: number,
    low: number,
    high: number,
  ): number;
  epollWait(
    epoll: number,
    events: Int32Array,
    offset: number,
    capacity: number,
    timeout: number,
  ): number;
  /** Replaces the instance by an empty one with the same descriptor, and adds it to `outer` unless -1. */
  epollRenew(epoll: number, outer: number): number;
  /** 0 if timeouts have a resolution of nanoseconds; otherwise that of `epollWait` is milliseconds. */
  checkEpollPwait2(epoll: number): number;

  /** A timerfd; kqueue has a filter instead. See native/sys/timer.h. */
  timerCreate(): number;
  /** `times`: nanoseconds until the first expiration (`absolute`: since 1970), and between expirations. */
  timerSet(fd: number, absolute: boolean, times: BigInt64Array): number;

  /** A pidfd; kqueue has a filter instead. See native/sys/pidfd.h. */
  pidfdOpen(pid: number): number;
  /** The wait status of a process that has been reaped, from Linux 6.15 on. */
  pidfdExitStatus(fd: number): number;
  readonly P_PIDFD: number;

  // With the backend kqueue.
  kqueueCreate(): number;
  /** 0 if the readiness of the descriptor means anything; EPERM for regular files, for instance. */
  kqueueCheck(fd: number): number;
  /**
   * Makes `count` changes, at most MAX_CHANGES. Each has six numbers (fd, generation, filter, flags,
   * fflags, result), of which the result is filled in: 0, or a negated errno. Returns how many failed.
   */
  kqueueControl(kqueue: number, changes: Int32Array, count: number): number;
  /** Events are triples (fd, generation, flags), the first one at `offset`. */
  kqueueWait(
    kqueue: number,
    events: Int32Array,
    offset: number,
    capacity: number,
    timeout: number,
  ): number;
  /**
   * kevent(2), with structures of six numbers each (ident, filter, flags, fflags, data, udata).
   * `events` must have room for the larger of `capacity` and `changeCount`.
   */
  kqueueKevent(
    kqueue: number,
    changes: Float64Array,
    changeCount: number,
    events: Float64Array,
    capacity: number,
    timeout: number,
  ): number;

  // Entries are triples (fd, events, revents) with bits of poll(2); `revents` is filled in.
  poll(this: void, entries: Int32Array, count: number, timeout: number): number;
  select(this: void, entries: Int32Array, count: number, timeout: number): number;
  readonly FD_SETSIZE: number;
  readonly POLLIN: number;
  readonly POLLPRI: number;
  readonly POLLOUT: number;
  readonly POLLERR: number;
  readonly POLLHUP: number;
  readonly POLLNVAL: number;
  readonly POLLRDNORM: number;
  readonly POLLRDBAND: number;
  readonly POLLWRNORM: number;
  readonly POLLWRBAND: number;
  /** 0 where the system has no such event (macOS). */
  readonly POLLRDHUP: number;

  // Descriptors that the addon makes belong to the calling thread, and are closed when it ends.
  close(fd: number): number;
  /** From now on the descriptor belongs to this thread, and is close-on-exec. */
  adopt(fd: number): number;
  /** 1 if the descriptor belongs to this or another thread of the process, else 0. */
  isOwned(fd: number): number;
  /** Makes an adopted descriptor non-blocking until it is closed, which restores the previous mode. */
  makeNonBlocking(fd: number): number;
  /** Restores the modes of all descriptors; for a process that ends without closing them. */
  restoreBlocking(this: void): number;
  setNonBlocking(fd: number): number;
  /** The new descriptor does not belong to this thread: whoever gets it must adopt it. */
  duplicate(fd: number): number;
  fileType(fd: number): number;
  /** The size of a regular file, in bytes. */
  fileSize(fd: number): number;
  /** The access mode and status flags of the open file. */
  statusFlags(fd: number): number;
  /** 1 for the controlling side of a pseudo-terminal, else 0. */
  isPtyMaster(fd: number): number;
  read(this: void, fd: number, into: Uint8Array): number;
  readAt(this: void, fd: number, into: Uint8Array, position: number): number;
  /** Writes the bytes from `offset` to `end`. */
  write(this: void, fd: number, from: Uint8Array, offset: number, end: number): number;
  readonly S_IFREG: number;
  readonly S_IFDIR: number;
  readonly S_IFIFO: number;
  readonly S_IFSOCK: number;
  readonly O_ACCMODE: number;
  readonly O_WRONLY: number;

  /** Fills in the end to wait on and the end to signal; on Linux both are one eventfd. */
  openWaker(ends: Int32Array): number;
  signalWaker(end: number): number;
  /** 1 if it had been signalled, else 0. */
  drainWaker(end: number): number;
  /** Lets other threads signal this waker until it is closed. Returns its serial, which is unique. */
  shareWaker(end: number): number;
  /** 1, or 0 if that waker was closed. Another file that has the number by now is not touched. */
  signalSharedWaker(end: number, serial: number): number;

  /**
   * The wait status of a child that has exited, without reaping it. `type`: `P_PID` or `P_PIDFD`.
   * EAGAIN while it runs, ECHILD if it is not our child or was reaped.
   */
  childStatus(type: number, id: number): number;
  readonly P_PID: number;

  // Changes of files; see native/sys/file_watch.h.
  openFileQueue(): number;
  /** The path ends with a NUL. */
  addFileWatch(queue: number, path: Uint8Array): number;
  removeFileWatch(queue: number, watch: number): number;
  /** Fills in records (watch, changes, cookie, length of the name, name); returns how many bytes. */
  takeFileChanges(queue: number, into: Uint8Array): number;
  /** 0 where changes in a directory are reported without names. */
  readonly FILE_CHANGES_HAVE_NAMES: number;
  readonly FILE_CREATED: number;
  readonly FILE_WRITTEN: number;
  readonly FILE_DELETED: number;
  readonly FILE_ATTRIBUTES: number;
  readonly FILE_MOVED_FROM: number;
  readonly FILE_MOVED_TO: number;
  readonly FILE_SELF_DELETED: number;
  readonly FILE_SELF_MOVED: number;
  readonly FILE_UNMOUNTED: number;
  readonly FILE_WATCH_LOST: number;
  readonly FILE_QUEUE_FULL: number;

  readonly SignalWatch: new () => NativeSignalWatch;
  /** 0 where there are no realtime signals (macOS). */
  readonly SIGRTMIN: number;
  readonly SIGRTMAX: number;

  readonly LoopWatch: NativeWatchConstructor;
  readonly ThreadWatch: NativeWatchConstructor;
}

/**
 * Calls back while a descriptor is readable. With `batch`, the descriptor must be the multiplexer's: its
 * events are collected into the batch, and the callback gets their number.
 */
export type NativeWatchConstructor = new (fd: number, batch?: Int32Array) => NativeWatch;

export interface NativeWatch {
  open(): number;
  /** `descriptors`: pairs (fd, events) to wait for instead; only with the driver `thread`. */
  start(callback: (count: number) => void, descriptors?: Int32Array): number;
  stop(): void;
  /** Waits again after a wake-up, which the driver `thread` does not do by itself. */
  resume?(): void;
  ref(): void;
  unref(): void;
  close(): void;
}

/** See native/sys/signal_listener.h. */
export interface NativeSignalWatch {
  /** Returns the descriptor. `keep`: whether there is a libuv, which must keep its signal handlers. */
  open(numbers: Int32Array, keep: boolean): number;
  /** Fills in records of SIGNAL_FIELDS numbers (number, count, known, pid, uid, value): how many. */
  take(into: Int32Array): number;
  /** To be called before the descriptor is closed. */
  close(): void;
}
