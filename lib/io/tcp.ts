import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { check, EINPROGRESS, invalidType, invalidValue, systemError } from '../errors';
import { native } from '../native';
import { reactor } from '../reactor/default';
import { type Abortable, integer, liveSignal, options } from '../validate';
import { Listener } from './listener';
import { Stream } from './stream';

const MOST_PORT = 65535;
const BACKLOG = 511;

export interface TcpOptions {
  readonly port: number;
  /** A name or an address; `'localhost'` by default. All addresses of a name are tried in order. */
  readonly host?: string;
  /** TCP_NODELAY: small writes go out at once. On by default, unlike node:net. */
  readonly noDelay?: boolean;
}

export interface ListenOptions {
  /** 0: any free port; see `listener.address`. */
  readonly port: number;
  /** An address or a name; `'::'`, which takes IPv4 as well, by default (`'0.0.0.0'` without IPv6). */
  readonly host?: string;
  /** How many connections may wait to be accepted; 511 by default, and the system's limit at most. */
  readonly backlog?: number;
  /** TCP_NODELAY on every accepted connection; on by default. */
  readonly noDelay?: boolean;
}

/**
 * Connects over TCP.
 * @throws the error of the last address that was tried (`ECONNREFUSED`, `EHOSTUNREACH`, ...), with
 * `address` and `port`; `ENOTFOUND` for an unknown name; the signal's reason
 *
 * @example
 * ```js
 * const { connect } = require('iomux/net');
 * const stream = await connect({ host: 'localhost', port: 7000 }, { signal: AbortSignal.timeout(1000) });
 * ```
 */
export async function connect(o: TcpOptions, abort?: Abortable): Promise<Stream> {
  const { host = 'localhost', noDelay = true } = named(o);
  const port = integer('options.port', o.port, 1, MOST_PORT);
  const signal = liveSignal(abort);
  const addresses = isIP(host) !== 0 ? [host] : await resolve(host, signal);
  let failure: unknown;
  for (const address of addresses) {
    try {
      return await connectTo(address, port, noDelay, signal);
    } catch (error) {
      signal?.throwIfAborted();
      failure = error;
    }
  }
  throw failure;
}

/**
 * Listens on TCP.
 * @throws `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, with `address` and `port`; `ENOTFOUND`
 *
 * @example
 * ```js
 * const { listen } = require('iomux/net');
 * const listener = await listen({ host: '127.0.0.1', port: 0 });
 * console.log(listener.address.port);
 * ```
 */
export async function listen(o: ListenOptions): Promise<Listener> {
  const { host, backlog = BACKLOG, noDelay = true } = named(o);
  const port = integer('options.port', o.port, 0, MOST_PORT);
  integer('options.backlog', backlog, 0, 2 ** 31 - 1);
  if (host === undefined) return new Listener(listenAnywhere(port, backlog), { noDelay });
  const address = isIP(host) !== 0 ? host : (await lookup(host)).address;
  return new Listener(listenOn(address, port, backlog), { noDelay });
}

function named<T extends TcpOptions | ListenOptions>(o: T): Partial<T> {
  if (typeof o !== 'object' || (o as T | null) === null) {
    throw invalidType('options', 'of type object', o);
  }
  const { host, noDelay } = options(o);
  if (host !== undefined && typeof host !== 'string') {
    throw invalidType('options.host', 'of type string', host);
  }
  // Which looks up no address at all.
  if (host === '') throw invalidValue('options.host', 'must not be empty', host);
  if (noDelay !== undefined && typeof noDelay !== 'boolean') {
    throw invalidType('options.noDelay', 'of type boolean', noDelay);
  }
  return o;
}

async function resolve(host: string, signal: AbortSignal | undefined): Promise<string[]> {
  const found = await lookup(host, { all: true });
  signal?.throwIfAborted();
  return found.map(({ address }) => address);
}

function open(address: string): number {
  const domain = isIP(address) === 6 ? native.AF_INET6 : native.AF_INET;
  return check(native.socket(domain, native.SOCK_STREAM, 0), 'socket');
}

/** Closes `fd` again if `use` throws. */
function guarded<T>(fd: number, use: () => T): T {
  try {
    return use();
  } catch (error) {
    native.close(fd);
    throw error;
  }
}

async function connectTo(
  address: string,
  port: number,
  noDelay: boolean,
  signal: AbortSignal | undefined,
): Promise<Stream> {
  const fd = open(address);
  try {
    let result = native.connect(fd, address, port);
    if (result === EINPROGRESS) {
      await reactor.writable(fd, signal === undefined ? undefined : { signal });
      result = native.socketError(fd);
    }
    if (result < 0) throw systemError(result, 'connect', { address, port });
    if (noDelay)
      check(native.setOption(fd, native.IPPROTO_TCP, native.TCP_NODELAY, 1), 'setsockopt', fd);
    return new Stream(fd);
  } catch (error) {
    reactor.notifyClosing(fd);
    native.close(fd);
    throw error;
  }
}

function listenOn(address: string, port: number, backlog: number): number {
  const fd = open(address);
  return guarded(fd, () => {
    const { SOL_SOCKET, SO_REUSEADDR, IPPROTO_IPV6, IPV6_V6ONLY } = native;
    // A server that is restarted finds its port in TIME_WAIT.
    check(native.setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1), 'setsockopt', fd);
    // Whatever the system's default is: `::` is every address, of IPv4 as well.
    if (address === '::')
      check(native.setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0), 'setsockopt', fd);
    let result = native.bind(fd, address, port);
    if (result < 0) throw systemError(result, 'bind', { address, port });
    result = native.listen(fd, backlog);
    if (result < 0) throw systemError(result, 'listen', { address, port });
    return fd;
  });
}

/** `::` with IPv4 as well, like node:net; plain IPv4 where the system has no IPv6. */
function listenAnywhere(port: number, backlog: number): number {
  try {
    return listenOn('::', port, backlog);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL') throw error;
    return listenOn('0.0.0.0', port, backlog);
  }
}
