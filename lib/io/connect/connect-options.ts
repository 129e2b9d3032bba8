import type { LookupFunction } from 'node:net';
import { LONGEST_TIMER } from '../../clock';
import { invalidValue } from '../../errors';
import { boolean, callback, integer, MOST_FD, object, refuseForeign } from '../../validate';
import { portOf } from '../address';
import { FOREIGN_TO_CONNECT, refuse } from '../refused-options';
import { checkHost, familyOf } from '../host-options';
import { preparedOptions } from '../options';
import type { SocketOptionsInit } from '../socket-options';

/** In milliseconds; RFC 8305, sections 5 and 8. */
const ATTEMPT_DELAY = 250;
export const LEAST_ATTEMPT_DELAY = 10;

/** Where to connect over TCP, and how. */
export interface TcpOptions {
  /** 1 to 65535. */
  readonly port: number;
  /** A name or an address; `'localhost'` by default. */
  readonly host?: string | undefined;
  /** 4 or 6 for addresses of that family only; 0, the default, for both. */
  readonly family?: 0 | 4 | 6 | undefined;
  /** An address of this machine to connect from; only addresses of its family are tried. */
  readonly localAddress?: string | undefined;
  /** A port to connect from; any free one by default. */
  readonly localPort?: number | undefined;
  /** Called in place of `dns.lookup`, with the same arguments and `all`, as in net.connect. */
  readonly lookup?: LookupFunction | undefined;
  /**
   * How long to wait for an answer before the next address of a name is tried as well, in milliseconds:
   * 250 by default, at least 10.
   */
  readonly attemptDelay?: number | undefined;
  /** Options to set on the socket before it connects: `mark`, `bindToDevice`, `fastOpenConnect`, ... */
  readonly socketOptions?: SocketOptionsInit | undefined;
  /** TCP_NODELAY: small writes are sent at once. On by default, unlike in node:net. */
  readonly noDelay?: boolean | undefined;
  readonly path?: undefined;
  readonly fd?: undefined;
}

/** Which Unix socket to connect to. */
export interface UnixOptions {
  /** A path of at most 107 bytes (103 on macOS), or a NUL byte and a name: the abstract namespace of Linux. */
  readonly path: string;
  readonly port?: undefined;
  readonly fd?: undefined;
}

/** An existing connection. */
export interface FdOptions {
  /** A connected stream socket. */
  readonly fd: number;
  readonly port?: undefined;
  readonly path?: undefined;
}

/** What `connect` connects to: a port, a path or a connected socket. */
export type ConnectOptions = TcpOptions | UnixOptions | FdOptions;

const TCP_ONLY = [
  'port',
  'host',
  'family',
  'localAddress',
  'localPort',
  'lookup',
  'attemptDelay',
  'socketOptions',
  'noDelay',
];

/** Checked TcpOptions, with the defaults filled in. */
export type TcpConnect = Extract<ReturnType<typeof checkConnect>, { host: string }>;

/** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`, `ERR_INVALID_IP_ADDRESS` */
export function checkConnect(o: ConnectOptions) {
  object('options', o);
  refuseForeign(o, FOREIGN_TO_CONNECT);
  if (o.fd !== undefined) {
    refuse(o, ['path', ...TCP_ONLY], 'together with fd');
    return { fd: integer('options.fd', o.fd, 0, MOST_FD) };
  }
  if (o.path !== undefined) {
    refuse(o, TCP_ONLY, 'together with path');
    if (o.path === '') throw invalidValue('options.path', 'must not be empty', o.path);
    return { path: o.path };
  }
  const { host = 'localhost', lookup, localAddress, localPort = 0, noDelay = true } = o;
  const { attemptDelay = ATTEMPT_DELAY } = o;
  const family = familyOf(o.family, localAddress);
  checkHost(host, family);
  const port = portOf('options.port', o.port, 1);
  boolean('options.noDelay', noDelay);
  if (lookup !== undefined) callback('options.lookup', lookup);
  portOf('options.localPort', localPort);
  integer('options.attemptDelay', attemptDelay, LEAST_ATTEMPT_DELAY, LONGEST_TIMER);
  const setOptions = preparedOptions('options.socketOptions', o.socketOptions);
  return { host, port, family, localAddress, localPort, lookup, attemptDelay, setOptions, noDelay };
}
