/** Those constants of lib/raw/socket-constants.ts that lib/ itself uses. */
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

/** The part of the addon's interface for sockets and the transfer of bytes; see `Native`. */
export interface NativeSockets extends Readonly<Record<SocketConstant, number>> {
  socket(domain: number, type: number, protocol: number): number;
  // Addresses are sockaddr structures of any family; see lib/io/address.ts.
  bind(fd: number, address: Uint8Array): number;
  listen(fd: number, backlog: number): number;
  connect(fd: number, address: Uint8Array): number;
  accept(fd: number): number;
  receive(this: void, fd: number, into: Uint8Array): number;
  /** Sends the bytes from `offset` to `end`. */
  send(this: void, fd: number, from: Uint8Array, offset: number, end: number): number;
  shutdown(fd: number, how: number): number;
  /** Fills in both ends. */
  socketPair(domain: number, type: number, protocol: number, ends: Int32Array): number;
  /** Sends the bytes from `offset`. Address and control may be empty. See native/sys/message.h. */
  sendMessage(
    fd: number,
    from: Uint8Array,
    offset: number,
    address: Uint8Array,
    control: Uint8Array,
    flags: number,
  ): number;
  /**
   * `results`: the length of the address, the length of the control entries, and the flags.
   * Descriptors that arrive belong to this thread; those beyond `mostDescriptors` are closed and
   * replaced by -1.
   */
  receiveMessage(
    fd: number,
    into: Uint8Array,
    flags: number,
    address: Uint8Array,
    control: Uint8Array,
    mostDescriptors: number,
    results: Int32Array,
  ): number;
  readonly MOST_CONTROL: number;
  /** The error when too many descriptors were sent and not received yet. */
  readonly ETOOMANYREFS: number;
  /** From now on the descriptor does not belong to this thread. It stays open. */
  disown(fd: number): number;
  /** Fills in pid, uid and gid. */
  peerCredentials(fd: number, ids: Int32Array): number;
  interfaceIndex(name: string): number;
  /** `''` if there is none. */
  interfaceName(this: void, index: number): string;
  setOption(fd: number, level: number, name: number, value: number): number;
  setOptionBytes(fd: number, level: number, name: number, value: Uint8Array): number;
  /** Returns the length of the value; as much of it is written as there is room for. */
  getOption(fd: number, level: number, name: number, into: Uint8Array): number;
  socketError(fd: number): number;
  socketType(fd: number): number;
  /** 1 or 0. */
  isListening(fd: number): number;
  /** Returns the length of the address; as much of it is written as there is room for. */
  localAddress(fd: number, into: Uint8Array): number;
  remoteAddress(fd: number, into: Uint8Array): number;
  /** Parses an IPv4 or IPv6 host ("127.0.0.1", "fe80::1%eth0"). Returns the length of the address. */
  parseHost(host: string, port: number, into: Uint8Array): number;
  formatHost(this: void, address: Uint8Array): string;
  /** The offset of the family in an address, and whether the address begins with its length. */
  readonly FAMILY_OFFSET: number;
  readonly HAS_LENGTH: number;
  readonly UNIX_PATH_LENGTH: number;
  /** The socket option with which listeners share a port; -1 where they cannot. */
  readonly SHARE_PORT: number;

  // Datagrams in batches; lib/io/datagram/datagram-records.ts has the layout of the records.
  /**
   * Receives up to `count` datagrams of at most `size` bytes into `into`, and fills in their records.
   * Afterwards they are packed: in `pool` from `used` on if there is room for all of them, else in
   * `into`. `control`: whether more than the sender's address is wanted.
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
  /** Receives one datagram, directly into the caller's memory. */
  receiveDatagram(fd: number, into: Uint8Array, record: Uint8Array, control: boolean): number;
  /**
   * Sends up to `count` datagrams, beginning with the record `first`. `segment`: consecutive ones of
   * one size to one address are sent as a train; see native/sys/datagram.h.
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
  /** An empty address stands for the peer to which the socket is connected. */
  sendDatagram(fd: number, bytes: Uint8Array, address: Uint8Array): number;
  enableDetails(fd: number, family: number): number;
  checkSegments(fd: number): number;
  enableTrains(fd: number): number;
  /** An empty source stands for any. */
  setMembership(
    fd: number,
    join: boolean,
    interfaceIndex: number,
    group: Uint8Array,
    source: Uint8Array,
  ): number;
  setMulticastInterface(fd: number, family: number, interfaceIndex: number): number;
  readonly HAS_BATCHES: number;

  // Many pieces in one call, and transfers within the kernel.
  /** sendmsg(2) and writev(2), with at most MOST_PIECES pieces. */
  sendMany(this: void, fd: number, pieces: readonly Uint8Array[]): number;
  writeMany(this: void, fd: number, pieces: readonly Uint8Array[]): number;
  readonly MOST_PIECES: number;
  /** Sends from `offset` of the file, whose position does not change; 0 at its end. */
  sendFile(to: number, from: number, offset: number, length: number): number;
  /** One of the two must be a pipe. ENOSYS where the system has no splice(2). */
  splice(from: number, to: number, length: number): number;
  /** Fills in the end to read from and the end to write to. */
  openPipe(ends: Int32Array): number;
  /** Returns the new capacity of the pipe in bytes, which may be larger. */
  resizePipe(fd: number, bytes: number): number;
}
