import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { check, systemError } from '../errors';
import { native } from '../native';
import { integer } from '../validate';
import { Listener } from './listener';
import { checkTcp, openTcp, portOf } from './tcp';

const BACKLOG = 511;

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
  const { host, backlog = BACKLOG, noDelay = true } = checkTcp(o);
  const port = portOf(o.port, 0);
  integer('options.backlog', backlog, 0, 2 ** 31 - 1);
  if (host === undefined) return new Listener(listenAnywhere(port, backlog), { noDelay });
  const address = isIP(host) !== 0 ? host : (await lookup(host)).address;
  return new Listener(listenOn(address, port, backlog), { noDelay });
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

function listenOn(host: string, port: number, backlog: number): number {
  const { fd, address } = openTcp(host, port);
  return guarded(fd, () => {
    const { SOL_SOCKET, SO_REUSEADDR, IPPROTO_IPV6, IPV6_V6ONLY } = native;
    // A server that is restarted finds its port in TIME_WAIT.
    check(native.setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1), 'setsockopt', fd);
    // Whatever the system's default is: `::` is every address, of IPv4 as well.
    if (host === '::') check(native.setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0), 'setsockopt', fd);
    let result = native.bind(fd, address);
    if (result < 0) throw systemError(result, 'bind', { address: host, port });
    result = native.listen(fd, backlog);
    if (result < 0) throw systemError(result, 'listen', { address: host, port });
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
