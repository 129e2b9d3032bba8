import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { check, EINPROGRESS, systemError } from '../errors';
import { native } from '../native';
import { reactor } from '../reactor/default';
import { type Abortable, liveSignal } from '../validate';
import { Stream } from './stream';
import { checkTcp, openTcp, portOf, setNoDelay } from './tcp';

export interface TcpOptions {
  readonly port: number;
  /** A name or an address; `'localhost'` by default. All addresses of a name are tried in order. */
  readonly host?: string;
  /** TCP_NODELAY: small writes go out at once. On by default, unlike node:net. */
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
  const { host = 'localhost', noDelay = true } = checkTcp(o);
  const port = portOf(o.port, 1);
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

async function resolve(host: string, signal: AbortSignal | undefined): Promise<string[]> {
  const found = await lookup(host, { all: true });
  signal?.throwIfAborted();
  return found.map(({ address }) => address);
}

async function connectTo(
  host: string,
  port: number,
  noDelay: boolean,
  signal: AbortSignal | undefined,
): Promise<Stream> {
  const { fd, address } = openTcp(host, port);
  try {
    let result = native.connect(fd, address);
    if (result === EINPROGRESS) {
      await reactor.writable(fd, signal === undefined ? undefined : { signal });
      result = native.socketError(fd);
    }
    if (result < 0) throw systemError(result, 'connect', { address: host, port });
    if (noDelay) check(setNoDelay(fd), 'setsockopt', fd);
    return new Stream(fd);
  } catch (error) {
    reactor.notifyClosing(fd);
    native.close(fd);
    throw error;
  }
}
