/**
 * The socket options that have names. Times are in milliseconds, sizes in bytes. The system decides which
 * sockets have which option: it fails with `ENOPROTOOPT`, `ENOTSUP` or, on macOS, `EOPNOTSUPP` where one
 * does not apply.
 */
export interface SocketOptions {
  /** TCP_NODELAY: small writes are sent at once. */
  noDelay: boolean;
  /** SO_KEEPALIVE: an idle TCP connection is probed to see whether its peer is still there. */
  keepAlive: boolean | KeepAlive;
  /** TCP_USER_TIMEOUT: a connection fails (`ETIMEDOUT`) when sent data stays unacknowledged this long. */
  userTimeout: number;
  /** TCP_FASTOPEN of a listener: how many connections may send before they are accepted; 0: none. */
  fastOpen: number;
  /** TCP_FASTOPEN_CONNECT: connecting succeeds at once, and the first bytes are sent with the request. */
  fastOpenConnect: boolean;
  /** SO_RCVBUF. Linux reserves, and reports, twice as much, to allow for the kernel's own overhead. */
  receiveBuffer: number;
  /** SO_SNDBUF; likewise. */
  sendBuffer: number;
  /**
   * SO_LINGER, rounded up to whole seconds. 0: closing resets the connection and discards unsent data.
   * More than that: closing **blocks the thread** until all data is acknowledged, or the time is over.
   * `false`, the default: the kernel continues to send in the background.
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
  /** SO_REUSEPORT: several sockets share the port, and the kernel distributes the load. Before `bind`. */
  reusePort: boolean;
  /** SO_BROADCAST: datagrams may go to a broadcast address. */
  broadcast: boolean;
}

/** Those socket options that are to be set. */
export type SocketOptionsInit = {
  readonly [Name in keyof SocketOptions]?: SocketOptions[Name] | undefined;
};

/** When a silent peer is considered gone. Omitted values stay unchanged. */
export interface KeepAlive {
  /** Silence before the first probe: 1,000 to 32,767,000, rounded up to whole seconds. */
  readonly idle?: number | undefined;
  /** Time between two probes; likewise. */
  readonly interval?: number | undefined;
  /** How many probes remain unanswered before the connection fails: 1 to 127. */
  readonly count?: number | undefined;
}

/** The names that `getOption` and `setOption` know. */
export type OptionName = keyof SocketOptions;
/** What `getOption` returns for a name. */
export type OptionValue<Name extends OptionName> = Name extends 'keepAlive'
  ? false | Required<KeepAlive>
  : SocketOptions[Name];
