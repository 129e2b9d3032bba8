import { attemptsError, check } from '../../errors';
import { native } from '../../native';
import { type Abortable, liveSignal } from '../../validate';
import { encodeUnix } from '../address';
import { publishConnect } from '../diagnostics';
import type { Failure, Target } from './attempt';
import { checkConnect, type ConnectOptions } from './connect-options';
import { race } from './happy-eyeballs';
import { isIP } from '../ip';
import { addressesOf } from './lookup';
import { Stream } from '../stream/stream';
import { tcpTarget } from './tcp-target';

const noRoom = Buffer.alloc(0);

/**
 * Connects over TCP or to a Unix socket, or takes over a connected socket.
 *
 * If a name has several addresses, they are tried with Happy Eyeballs (RFC 8305): IPv6 and IPv4
 * alternate, starting with the first from the resolver, and the next attempt starts as soon as the
 * previous one has failed or has not been answered for `attemptDelay`. The first to connect wins; the
 * others are closed at once.
 *
 * When the backlog of a Unix socket is full, Linux says so (EAGAIN) and this waits until there is room,
 * as TCP does; other systems refuse the connection. The only time limits are the signal's and, over
 * TCP, the system's.
 *
 * Aborting closes whatever was started. It has no effect on a stream that is already connected.
 *
 * `fd` is a connected stream socket from another process, a service manager or other code. The stream
 * owns it from then on. One that is refused is left unchanged. For other descriptors, use
 * `Stream.fromFd`.
 * @throws the error of the attempt (`ECONNREFUSED`, `EHOSTUNREACH`, `ETIMEDOUT`, `ENOENT`, ...) with
 * `address` and `port`; after several attempts an AggregateError with their `errors`, in order, and the
 * `code` of the first; `ENOTFOUND` for an unknown name, with `hostname`; the signal's
 * reason; for `fd`, `EBADF`, `ENOTSOCK`, `ENOTCONN`, and `ERR_BUSY` for that of another handle, of any
 * thread; `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`,
 * `ERR_OUT_OF_RANGE`, `ERR_INVALID_IP_ADDRESS`
 *
 * @example
 * ```js
 * import { connect } from 'iomux/net';
 * const web = await connect({ host: 'localhost', port: 7000 }, { signal: AbortSignal.timeout(1000) });
 * const bus = await connect({ path: '/run/dbus/system_bus_socket' });
 * ```
 */
export async function connect(o: ConnectOptions, abort?: Abortable): Promise<Stream> {
  const checked = checkConnect(o);
  const signal = liveSignal(abort);
  const { fd, path } = checked;
  if (fd !== undefined) return takeOver(fd);
  if (path !== undefined) {
    const bytes = encodeUnix('options.path', path);
    return first([{ bytes, where: { address: path } }], 0, signal);
  }
  const { host, attemptDelay } = checked;
  const addresses = isIP(host) === 0 ? await addressesOf(host, { ...checked, signal }) : [host];
  const targets = addresses.map((address) => tcpTarget(address, checked));
  return first(targets, attemptDelay, signal);
}

function takeOver(fd: number): Stream {
  // Fails unless the socket has a peer.
  check(native.remoteAddress(fd, noRoom), 'getpeername', fd);
  return Stream.fromFd(fd);
}

async function first(
  targets: readonly (Target | Failure)[],
  delay: number,
  signal: AbortSignal | undefined,
): Promise<Stream> {
  const outcome = await race(targets, delay, signal);
  if (outcome instanceof Stream) {
    publishConnect(outcome);
    return outcome;
  }
  const errors = outcome.map((failure) => failure());
  throw errors.length === 1 ? errors[0] : attemptsError(errors);
}
