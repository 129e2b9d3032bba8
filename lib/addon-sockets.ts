/** What lib/ itself uses of the constants that lib/raw/socket-constants.ts exports. */
type SocketConstant =
  | 'AF_INET'
  | 'AF_INET6'
  | 'AF_UNIX'
  | 'SOCK_STREAM'
  | 'SOCK_DGRAM'
  | 'SHUT_WR'
  | 'SOL_SOCKET'
  | 'SO_BROADCAST'
  | 'SO_REUSEADDR'
  | 'SO_REUSEPORT'
  | 'TCP_NODELAY'
  | `IPPROTO_${'IP' | 'IPV6' | 'TCP'}`
  | `IP_${'TTL' | 'TOS' | 'MULTICAST_TTL' | 'MULTICAST_LOOP'}`
  | `IPV6_${'UNICAST_HOPS' | 'TCLASS' | 'MULTICAST_HOPS' | 'MULTICAST_LOOP' | 'V6ONLY'}`;

/** The part of the addon's interface that is about sockets and what they carry; see `Native`. */
export interface NativeSockets extends Readonly<Record<SocketConstant, number>> {
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
  /** -1 where listeners cannot share a port. */
  readonly SHARE_PORT: number;

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
}
