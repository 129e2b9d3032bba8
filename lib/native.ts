import { join } from 'node:path';
import load from 'node-gyp-build';

/**
 * The addon's whole interface. Every function makes one system call (or the few that one idea needs)
 * and returns a number: the call's own result, or the negated errno. None throws. Arguments are not
 * checked on the other side: what the user gives is checked in lib/ before.
 *
 * Timeouts are milliseconds with a fraction, negative for ever.
 */
export interface Native {
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
  /** Puts a new, empty instance under the same descriptor. */
  epollRenew(epoll: number): number;

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
  /** The access mode and the flags of the open file. */
  statusFlags(fd: number): number;
  /** 1 for the controlling side of a pseudo-terminal, else 0. */
  isPtyMaster(fd: number): number;
  read(this: void, fd: number, into: Uint8Array): number;
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

  socket(domain: number, type: number, protocol: number): number;
  // Addresses are sockaddr structures of any family; see lib/io/address.ts.
  bind(fd: number, address: Uint8Array): number;
  listen(fd: number, backlog: number): number;
  connect(fd: number, address: Uint8Array): number;
  accept(fd: number): number;
  receive(this: void, fd: number, into: Uint8Array): number;
  /** The bytes from `offset` to `end`. */
  send(this: void, fd: number, from: Uint8Array, offset: number, end: number): number;
  shutdown(fd: number, how: number): number;
  /** Fills in both ends. */
  socketPair(domain: number, type: number, protocol: number, ends: Int32Array): number;
  /** The bytes from `offset` on. No address, no control entries: empty. See native/sys/message.h. */
  sendMessage(
    fd: number,
    from: Uint8Array,
    offset: number,
    address: Uint8Array,
    control: Uint8Array,
    flags: number,
  ): number;
  /**
   * Tells the length of the address and of the control entries, and the flags. Descriptors among
   * these belong to this thread; -1 stands for those beyond `mostDescriptors`, which were closed.
   */
  receiveMessage(
    fd: number,
    into: Uint8Array,
    flags: number,
    address: Uint8Array,
    control: Uint8Array,
    mostDescriptors: number,
    told: Int32Array,
  ): number;
  readonly MOST_CONTROL: number;
  /** The descriptor is not ours any more, and stays open. */
  disown(fd: number): number;
  /** Fills in pid, uid and gid. */
  peerCredentials(fd: number, ids: Int32Array): number;
  interfaceIndex(name: string): number;
  /** `''` for none. */
  interfaceName(this: void, index: number): string;
  setOption(fd: number, level: number, name: number, value: number): number;
  setOptionBytes(fd: number, level: number, name: number, value: Uint8Array): number;
  /** How long the value is, of which as much is written as there is room for. */
  getOption(fd: number, level: number, name: number, into: Uint8Array): number;
  socketError(fd: number): number;
  socketType(fd: number): number;
  /** 1 or 0. */
  isListening(fd: number): number;
  /** How long the address is, of which as much is written as there is room for. */
  localAddress(fd: number, into: Uint8Array): number;
  remoteAddress(fd: number, into: Uint8Array): number;
  /** The address of an IPv4 or IPv6 host ("127.0.0.1", "fe80::1%eth0"), as `localAddress` has it. */
  parseHost(host: string, port: number, into: Uint8Array): number;
  formatHost(this: void, address: Uint8Array): string;
  /** Where an address has its family, and whether its length stands before that. */
  readonly FAMILY_OFFSET: number;
  readonly HAS_LENGTH: number;
  readonly UNIX_PATH_LENGTH: number;
  readonly AF_INET: number;
  readonly AF_INET6: number;
  readonly AF_UNIX: number;
  readonly SOCK_STREAM: number;
  readonly SOCK_DGRAM: number;
  readonly IPPROTO_TCP: number;
  readonly IPPROTO_IPV6: number;
  readonly IPV6_V6ONLY: number;
  readonly SOL_SOCKET: number;
  readonly SO_REUSEADDR: number;
  readonly SO_KEEPALIVE: number;
  readonly TCP_NODELAY: number;
  /** -1 where listeners cannot share a port. */
  readonly SHARE_PORT: number;
  readonly SHUT_WR: number;
  /** By their names; those that this system has. */
  readonly socketConstants: Readonly<Record<string, number>>;

  // Datagrams by the batch; the records are laid out in lib/io/datagram/datagram-records.ts.
  /**
   * Receives up to `count` datagrams of at most `size` bytes into `into`, and fills in their records.
   * In the end they stand one behind the other: in `pool` from `used` on if there is room for all, else
   * in `into`. `control`: whether anything but the sender is asked for.
   */
  receiveDatagrams(
    fd: number,
    into: Uint8Array,
    size: number,
    records: Uint8Array,
    count: number,
    control: boolean,
    pool: Uint8Array,
    used: number,
  ): number;
  /** One, straight into the caller's memory. */
  receiveDatagram(fd: number, into: Uint8Array, record: Uint8Array, control: boolean): number;
  /**
   * Sends up to `count` datagrams, beginning with the record `first`. `segment`: those of one size
   * to one address go as a train.
   */
  sendDatagrams(
    fd: number,
    bytes: Uint8Array,
    addresses: Uint8Array,
    records: Uint8Array,
    first: number,
    count: number,
    family: number,
    segment: boolean,
  ): number;
  /** An empty address is that of the peer to which the socket is connected. */
  sendDatagram(fd: number, bytes: Uint8Array, address: Uint8Array): number;
  enableDetails(fd: number, family: number): number;
  checkSegments(fd: number): number;
  enableTrains(fd: number): number;
  /** An empty source is any. */
  setMembership(
    fd: number,
    join: boolean,
    interfaceIndex: number,
    group: Uint8Array,
    source: Uint8Array,
  ): number;
  setMulticastInterface(fd: number, family: number, interfaceIndex: number): number;
  readonly HAS_BATCHES: number;
  readonly SO_BROADCAST: number;
  readonly SO_REUSEPORT: number;
  readonly IPPROTO_IP: number;
  readonly IP_TTL: number;
  readonly IP_TOS: number;
  readonly IP_MULTICAST_TTL: number;
  readonly IP_MULTICAST_LOOP: number;
  readonly IPV6_UNICAST_HOPS: number;
  readonly IPV6_TCLASS: number;
  readonly IPV6_MULTICAST_HOPS: number;
  readonly IPV6_MULTICAST_LOOP: number;

  // Many pieces in one call, and bytes that do not come into the process.
  /** sendmsg(2) and writev(2), of at most MOST_PIECES. */
  sendMany(this: void, fd: number, pieces: readonly Uint8Array[]): number;
  writeMany(this: void, fd: number, pieces: readonly Uint8Array[]): number;
  readonly MOST_PIECES: number;
  /** From `offset` of the file on, whose position does not move; 0 at its end. */
  sendFile(to: number, from: number, offset: number, length: number): number;
  /** One of the two is a pipe. ENOSYS where the system has no splice(2). */
  splice(from: number, to: number, length: number): number;
  /** Fills in the end to read from and the end to write to. */
  openPipe(ends: Int32Array): number;
  /** How much room the pipe has then, in bytes. */
  resizePipe(fd: number, bytes: number): number;

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
  /** Goes on after a batch, which the driver `thread` does not by itself. */
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
  close(): void;
}

export const SIGNAL_FIELDS = 6;
export const SIGNAL_SENDER_KNOWN = 1;
export const SIGNAL_VALUE_KNOWN = 2;
/** How many records there must be room for. */
export const SIGNAL_CAPACITY = 256;

/** What comes before the events in a batch; both sides write it. See native/binding/delivery.h. */
export const IN_WAKE = 0;
export const WAITING = 1;
export const HEADER_LENGTH = 2;
/** How many events one harvest collects at most, each of three numbers. */
export const BATCH_CAPACITY = 1024;
/** How many changes one `kqueueControl` makes at most. */
export const MAX_CHANGES = 64;

export const native = load(join(__dirname, '..')) as Native;
