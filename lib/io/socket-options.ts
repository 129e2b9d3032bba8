/**
 * What can be set on a socket by name. Times are in milliseconds, sizes in bytes. Which sockets have
 * which is the system's to say: it answers `ENOPROTOOPT`, `ENOTSUP` or, on macOS, `EOPNOTSUPP` where one
 * does not apply.
 */
export interface SocketOptions {
  /** TCP_NODELAY: small writes go out at once. */
  noDelay: boolean;
  /** SO_KEEPALIVE: a TCP connection on which nothing comes is asked whether its peer is still there. */
  keepAlive: boolean | KeepAlive;
  /** TCP_USER_TIMEOUT: a connection fails (`ETIMEDOUT`) when what was sent is not acknowledged so long. */
  userTimeout: number;
  /** TCP_FASTOPEN of a listener: how many connections may send before they are accepted; 0: none. */
  fastOpen: number;
  /** TCP_FASTOPEN_CONNECT: connecting succeeds at once, and the first bytes go with the request. */
  fastOpenConnect: boolean;
  /** SO_RCVBUF. Linux reserves, and tells, twice as much, for what the kernel itself needs of it. */
  receiveBuffer: number;
  /** SO_SNDBUF; the same. */
  sendBuffer: number;
  /**
   * SO_LINGER, in whole seconds, rounded up. 0: closing resets the connection and drops what has not
   * been sent. More than that: closing **blocks the thread** until all is acknowledged, or the time
   * is over. `false`, the default: the kernel goes on sending by itself.
   */
  linger: number | false;
  /** IP_TOS and IPV6_TCLASS: the byte with the DSCP (6 bits) and ECN (2 bits), 0 to 255. */
  trafficClass: number;
  /** SO_MARK, for firewalls and routing rules. Needs CAP_NET_ADMIN. */
  mark: number;
  /** SO_BINDTODEVICE: the name of the only interface to use; `''` for any. */
  bindToDevice: string;
  /** SO_PRIORITY: which queue of the interface; above 6 needs CAP_NET_ADMIN. */
  priority: number;
  /** SO_REUSEADDR: the port may still have old connections in TIME_WAIT. Before `bind`. */
  reuseAddress: boolean;
  /** SO_REUSEPORT: several sockets share the port, and the kernel spreads the load. Before `bind`. */
  reusePort: boolean;
  /** SO_BROADCAST: datagrams may go to a broadcast address. */
  broadcast: boolean;
}

/** When a silent peer is given up; what is not given stays as it is. */
export interface KeepAlive {
  /** Silence before the first question: 1,000 to 32,767,000, in whole seconds, rounded up. */
  readonly idle?: number;
  /** Between two questions; likewise. */
  readonly interval?: number;
  /** How many remain unanswered before the connection fails: 1 to 127. */
  readonly count?: number;
}

/** The names that `getOption` and `setOption` know. */
export type OptionName = keyof SocketOptions;
/** What `getOption` tells by name. */
export type OptionValue<Name extends OptionName> = Name extends 'keepAlive'
  ? false | Required<KeepAlive>
  : SocketOptions[Name];
