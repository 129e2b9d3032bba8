import { invalidValue, unsupportedError } from '../../errors';
import { native } from '../../native';
import { boolean, integer, MOST_FD, MOST_INT, object, refuseForeign } from '../../validate';
import { encodeUnix, portOf } from '../address';
import { FOREIGN_TO_LISTEN, refuse } from '../refused-options';
import { checkHost } from '../host-options';
import { isIP } from '../ip';
import { preparedOptions } from '../options';
import type { SocketOptionsInit } from '../socket-options';
import { isAbstract } from '../unix-path';

const BACKLOG = 511;

interface WithBacklog {
  /** How many connections may wait to be accepted; 511 by default, and the system's limit at most. */
  readonly backlog?: number | undefined;
}

interface WithNoDelay {
  /** TCP_NODELAY on every accepted connection; on by default. */
  readonly noDelay?: boolean | undefined;
}

/** Where to listen over TCP, and how. */
export interface TcpListenOptions extends WithBacklog, WithNoDelay {
  /** 0 picks any free port; see `listener.address`. */
  readonly port: number;
  /**
   * An address, or a name, whose first address is used. The default `'::'` also takes IPv4
   * (`'0.0.0.0'` if the system has no IPv6).
   */
  readonly host?: string | undefined;
  /**
   * Other threads, or processes of the same user, may listen on the same port with this option, and the
   * kernel distributes the connections among them. When one closes or ends, the connections in its
   * backlog are reset. Linux and FreeBSD.
   */
  readonly reusePort?: boolean | undefined;
  /** IPv6 only, where `::` would also take IPv4. */
  readonly ipv6Only?: boolean | undefined;
  /**
   * Options to set on the socket before it listens: `fastOpen`, `bindToDevice`, ... Accepted connections
   * inherit most of them, such as the buffer sizes.
   */
  readonly socketOptions?: SocketOptionsInit | undefined;
  readonly path?: undefined;
  readonly fd?: undefined;
}

/** Which Unix socket to listen on, and how. */
export interface UnixListenOptions extends WithBacklog {
  /** A path of at most 107 bytes (103 on macOS), or a NUL byte and a name: the abstract namespace of Linux. */
  readonly path: string;
  /** The mode of the file: write permission is needed to connect. By default the umask decides. */
  readonly mode?: number | undefined;
  readonly port?: undefined;
  readonly fd?: undefined;
}

/** A listening socket, from a service manager or another process. */
export interface FdListenOptions extends WithNoDelay {
  /** A listening stream socket. */
  readonly fd: number;
  readonly port?: undefined;
  readonly path?: undefined;
}

/** What `listen` listens on: a port, a path or a listening socket. */
export type ListenOptions = TcpListenOptions | UnixListenOptions | FdListenOptions;

const TCP_ONLY = ['port', 'host', 'reusePort', 'ipv6Only', 'socketOptions'];
const PATH_ONLY = ['mode'];

/** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE` */
export function checkListen(o: ListenOptions) {
  object('options', o);
  refuseForeign(o, FOREIGN_TO_LISTEN);
  const { noDelay = true } = o as TcpListenOptions;
  boolean('options.noDelay', noDelay);
  if (o.fd !== undefined) {
    refuse(o, ['path', 'backlog', ...TCP_ONLY, ...PATH_ONLY], 'together with fd');
    return { fd: integer('options.fd', o.fd, 0, MOST_FD), noDelay };
  }
  const backlog = integer('options.backlog', o.backlog ?? BACKLOG, 0, MOST_INT);
  if (o.path !== undefined) {
    refuse(o, ['noDelay', ...TCP_ONLY], 'together with path');
    return { path: pathOf(o.path), mode: modeOf(o), backlog };
  }
  refuse(o, PATH_ONLY, 'together with port');
  const { host, reusePort = false, ipv6Only = false } = o;
  if (host !== undefined) checkHost(host, 0);
  boolean('options.reusePort', reusePort);
  boolean('options.ipv6Only', ipv6Only);
  if (reusePort && native.SHARE_PORT < 0) throw unsupportedError('options.reusePort');
  if (ipv6Only && host !== undefined && isIP(host) === 4) {
    throw invalidValue('options.host', 'must not be an IPv4 address with ipv6Only', host);
  }
  const setOptions = preparedOptions('options.socketOptions', o.socketOptions);
  const port = portOf('options.port', o.port);
  return { port, host, backlog, noDelay, reusePort, ipv6Only, setOptions };
}

function pathOf(path: string): string {
  // Linux would choose a name for the socket.
  if (path === '') throw invalidValue('options.path', 'must not be empty', path);
  encodeUnix('options.path', path);
  return path;
}

function modeOf({ path, mode }: UnixListenOptions): number | undefined {
  if (mode === undefined) return undefined;
  if (isAbstract(path)) {
    throw invalidValue('options.mode', 'must not be given for a name without a file', mode);
  }
  return integer('options.mode', mode, 0, 0o777);
}
