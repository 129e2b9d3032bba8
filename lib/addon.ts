import type { NativeSockets } from './addon-sockets';

/**
 * The addon's whole interface. Every function makes one system call (or the few that one idea needs)
 * and returns a number: the call's own result, or the negated errno. None throws. Arguments are not
 * checked on the other side: what the user gives is checked in lib/ before.
 *
 * Timeouts are milliseconds with a fraction, negative for ever.
 */
export interface Native extends NativeSockets {
  /** The multiplexer that is linked into this build of the addon. */
  readonly backend: 'epoll' | 'kqueue';

  // Where the backend is epoll. `data` is two halves of 32 bits; events are triples of
  // (low half, high half, flags) from `offset` on.
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
  /** Puts a new, empty instance under the same descriptor, and into `outer` unless that is -1. */
  epollRenew(epoll: number, outer: number): number;
  /** 0 where timeouts count in nanoseconds; `epollWait` goes on without. */
  checkEpollPwait2(epoll: number): number;

  /** What kqueue has a filter for; see native/sys/timer.h. */
  timerCreate(): number;
  /** `times`: nanoseconds until the first expiration (`absolute`: since 1970) and between the others. */
  timerSet(fd: number, absolute: boolean, times: BigInt64Array): number;

  /** A descriptor of a process; see native/sys/pidfd.h. */
  pidfdOpen(pid: number): number;
  /** The wait status of a process that has been reaped, from Linux 6.15 on. */
  pidfdExitStatus(fd: number): number;
  readonly P_PIDFD: number;

  // Where the backend is kqueue.
  kqueueCreate(): number;
  /** Whether readiness of the descriptor means anything: regular files, for one, are always ready. */
  kqueueCheck(fd: number): number;
  /**
   * Makes `count` changes, at most MAX_CHANGES, of six numbers each (fd, generation, filter, flags,
   * fflags, result), and fills in the last: 0, or a negated errno. Answers how many have failed.
   */
  kqueueControl(kqueue: number, changes: Int32Array, count: number): number;
  /** Events are triples of (fd, generation, flags) from `offset` on. */
  kqueueWait(
    kqueue: number,
    events: Int32Array,
    offset: number,
    capacity: number,
    timeout: number,
  ): number;
  /**
   * kevent(2), with structures of six numbers each (ident, filter, flags, fflags, data, udata).
   * `events` has room for the larger of `capacity` and `changeCount`.
   */
  kqueueKevent(
    kqueue: number,
    changes: Float64Array,
    changeCount: number,
    events: Float64Array,
    capacity: number,
    timeout: number,
  ): number;

  // Entries are triples of (fd, events, revents) in the bits of poll(2); both fill in the third.
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

  // Descriptors that this addon made belong to the thread that asked, and are closed with it.
  close(fd: number): number;
  /** From now on the descriptor is ours, and close-on-exec. */
  adopt(fd: number): number;
  /** 1 for a descriptor that is ours, else 0. */
  isOwned(fd: number): number;
  /** An adopted descriptor is non-blocking from now on, and as it was before when it is closed. */
  makeNonBlocking(fd: number): number;
  /** The same for all of them, when the process ends without closing them. */
  restoreBlocking(this: void): number;
  setNonBlocking(fd: number): number;
  /** A descriptor that belongs to nobody yet: whoever gets it adopts it. */
  duplicate(fd: number): number;
  fileType(fd: number): number;
  /** In bytes; of a regular file. */
  fileSize(fd: number): number;
  /** The access mode and the flags of the open file. */
  statusFlags(fd: number): number;
  /** 1 for the controlling side of a pseudo-terminal, else 0. */
  isPtyMaster(fd: number): number;
  read(this: void, fd: number, into: Uint8Array): number;
  readAt(this: void, fd: number, into: Uint8Array, position: number): number;
  /** The bytes from `offset` to `end`. */
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
  /** 1 if it was signalled, else 0. */
  drainWaker(end: number): number;
  /** Lets other threads signal one of ours until it is closed: its serial, which no other will have. */
  shareWaker(end: number): number;
  /** 1, or 0 if that waker has been closed: then nothing is touched, whoever has the number by now. */
  signalSharedWaker(end: number, serial: number): number;

  /**
   * The wait status of a child that has exited, by `P_PID` or `P_PIDFD`, without reaping it: EAGAIN
   * while it runs, ECHILD for what is no child or has been reaped.
   */
  childStatus(type: number, id: number): number;
  readonly P_PID: number;

  // Changes of files; see native/sys/file_watch.h.
  openFileQueue(): number;
  /** The path ends with a NUL. */
  addFileWatch(queue: number, path: Uint8Array): number;
  removeFileWatch(queue: number, watch: number): number;
  /** Fills in records (watch, changes, cookie, length of the name, name): how many bytes. */
  takeFileChanges(queue: number, into: Uint8Array): number;
  /** 0 where changes of what is in a directory do not come with a name. */
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
 * Calls back while a descriptor is readable. With `batch`, the descriptor is the multiplexer's, and
 * its events have been collected into the batch before the callback learns their number.
 */
export type NativeWatchConstructor = new (fd: number, batch?: Int32Array) => NativeWatch;

export interface NativeWatch {
  open(): number;
  /** `descriptors`: pairs of (fd, events) to wait for instead; the driver `thread` only. */
  start(callback: (count: number) => void, descriptors?: Int32Array): number;
  stop(): void;
  /** Goes on after a wake-up, which the driver `thread` does not by itself. */
  resume?(): void;
  ref(): void;
  unref(): void;
  close(): void;
}

/** See native/sys/signal_listener.h. */
export interface NativeSignalWatch {
  /** `keep`: whether libuv is there, and is kept from taking the signals away. The descriptor. */
  open(numbers: Int32Array, keep: boolean): number;
  /** Fills in records of SIGNAL_FIELDS numbers each (number, count, known, pid, uid, value). */
  take(into: Int32Array): number;
  /** `lost`: the descriptor is another file's by now, and stays open. */
  close(lost?: boolean): void;
}
