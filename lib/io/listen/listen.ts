import { check, EINVAL, invalidValue, systemError } from '../../errors';
import { native } from '../../native';
import { refuseOwned } from '../../raw/owned-fd';
import { type Abortable, liveSignal } from '../../validate';
import { Acceptor } from './acceptor';
import { encodeHost, type InternetAddress, type UnixAddress } from '../address';
import { isIP } from '../ip';
import { addressesOf } from '../connect/lookup';
import {
  checkListen,
  type ListenOptions,
  type TcpListenOptions,
  type UnixListenOptions,
} from './listen-options';
import { Listener } from './listener';
import { openSocket } from '../open-socket';
import { setNumber } from '../options';
import { listenOnPath } from '../unix-path';

/**
 * Listens on TCP, for both IPv4 and IPv6 unless `host` is given. Accepted connections have Nagle's
 * algorithm turned off, unless `noDelay` is false. Aborting ends the look-up of a name; unlike in
 * node:net, it does not close a listener.
 * @throws `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL` with `address` and `port`; `ENOTFOUND` for an unknown
 * name; the signal's reason; `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
 *
 * @example
 * ```js
 * import { listen } from 'iomux/net';
 * const listener = await listen({ host: '127.0.0.1', port: 0 });
 * console.log(listener.address.port);
 * const control = await listen({ path: '/run/my-program.sock', mode: 0o600 });
 * ```
 */
export function listen(o: TcpListenOptions, abort?: Abortable): Promise<Listener<InternetAddress>>;
/**
 * Listens on a Unix path. A socket file left by a crashed server is replaced; a file that somebody
 * listens on, or that is not a socket, is left alone. `close` removes the file if it is still the same.
 * A process that ends without `close` leaves it behind, for the next one to replace.
 * @throws `EADDRINUSE`, `EACCES`, `ENOENT` with `address`; `ERR_INVALID_ARG_TYPE`,
 * `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
 */
export function listen(o: UnixListenOptions, abort?: Abortable): Promise<Listener<UnixAddress>>;
/**
 * Listens on either, or takes over a listening socket (`fd`) from a service manager
 * (`inheritedDescriptors`), another process, or another thread (`listener.share()`). The listener owns
 * it from then on.
 * @throws for `fd`, `EBADF`, `ENOTSOCK`, `EINVAL` if it does not listen, and `ERR_BUSY` if it belongs to
 * another handle, of any thread; it is then left unchanged; otherwise as above
 */
export function listen(o: ListenOptions, abort?: Abortable): Promise<Listener>;
export async function listen(o: ListenOptions, abort?: Abortable): Promise<Listener> {
  const checked = checkListen(o);
  const signal = liveSignal(abort);
  if (checked.fd !== undefined) return takeOver(checked.fd, checked.noDelay);
  if (checked.path !== undefined) {
    const { path, mode, backlog } = checked;
    return openSocket(native.AF_UNIX, native.SOCK_STREAM, (fd) => {
      return new Listener(new Acceptor(fd), listenOnPath(fd, path, mode, backlog));
    });
  }
  const { host, ipv6Only } = checked;
  if (host === undefined) return listenAnywhere(checked);
  const [address] =
    isIP(host) === 0 ? await addressesOf(host, { family: ipv6Only ? 6 : 0, signal }) : [host];
  return listenOn(address, checked);
}

type Tcp = Extract<ReturnType<typeof checkListen>, { setOptions: unknown }>;

function listenOn(host: string, o: Tcp): Listener {
  const { port, backlog, reusePort, ipv6Only, noDelay } = o;
  const address = encodeHost('options.host', host, port);
  return openSocket(address[native.FAMILY_OFFSET], native.SOCK_STREAM, (fd) => {
    // After a restart, the port may still have connections in TIME_WAIT.
    setNumber(fd, native.SOL_SOCKET, native.SO_REUSEADDR, 1);
    if (reusePort) setNumber(fd, native.SOL_SOCKET, native.SHARE_PORT, 1);
    // Set explicitly, since the default depends on the system.
    if (isIP(host) === 6) setNumber(fd, native.IPPROTO_IPV6, native.IPV6_V6ONLY, Number(ipv6Only));
    // Accepted connections inherit it, which saves a call for each.
    if (noDelay) setNumber(fd, native.IPPROTO_TCP, native.TCP_NODELAY, 1);
    o.setOptions(fd);
    let result = native.bind(fd, address);
    if (result < 0) throw systemError(result, 'bind', { address: host, port });
    result = native.listen(fd, backlog);
    if (result < 0) throw systemError(result, 'listen', { address: host, port });
    return new Listener(new Acceptor(fd));
  });
}

/** Listens on `::` for IPv6 and IPv4, like node:net, or on IPv4 only if the system has no IPv6. */
function listenAnywhere(o: Tcp): Listener {
  try {
    return listenOn('::', o);
  } catch (error) {
    const { code } = error as { code?: string };
    const absent = code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL';
    if (!absent || o.ipv6Only) throw error;
    return listenOn('0.0.0.0', o);
  }
}

function takeOver(fd: number, noDelay: boolean): Listener {
  refuseOwned(fd);
  const listening = check(native.isListening(fd), 'getsockopt', fd);
  // The error of accept(2).
  if (listening === 0) throw systemError(EINVAL, 'accept', { fd });
  if (check(native.socketType(fd), 'getsockopt', fd) !== native.SOCK_STREAM) {
    throw invalidValue('options.fd', 'must be a socket of streams, and not of messages', fd);
  }
  check(native.setNonBlocking(fd), 'fcntl', fd);
  check(native.adopt(fd), 'fcntl', fd);
  const listener = new Listener(new Acceptor(fd));
  if (noDelay && listener.address?.port !== undefined) {
    native.setOption(fd, native.IPPROTO_TCP, native.TCP_NODELAY, 1);
  }
  return listener;
}
