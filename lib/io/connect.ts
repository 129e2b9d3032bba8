import { isIP } from 'node:net';
import { attemptsError, invalidValue } from '../errors';
import { type Abortable, liveSignal } from '../validate';
import { encodeUnix } from './address';
import type { Target } from './attempt';
import { checkTcpConnect, type TcpOptions, type UnixOptions } from './connect-options';
import { race } from './happy-eyeballs';
import { addressesOf } from './lookup';
import { Stream } from './stream';
import { tcpTarget } from './tcp-target';

/**
 * Connects over TCP or to a Unix socket.
 *
 * A name may have several addresses. They are tried by Happy Eyeballs (RFC 8305): IPv6 and IPv4 in
 * turn, beginning with the one that the resolver puts first, and the next one as soon as the one before
 * has failed or has not been answered for `attemptDelay`. The first to connect wins, and the others are
 * closed at once.
 *
 * Where the backlog of a Unix socket is full, Linux says so (EAGAIN) and other systems refuse. We wait
 * until there is room, as TCP does. There is no time limit but the signal's and, over TCP, the system's.
 *
 * Aborting closes whatever was begun. It has no effect on a stream that is connected.
 * @throws the error of the attempt (`ECONNREFUSED`, `EHOSTUNREACH`, `ETIMEDOUT`, `ENOENT`, ...) with
 * `address` and `port`; after several attempts an AggregateError with their `errors`, in order, and the
 * `code` of the first; `ENOTFOUND` for an unknown name, with `hostname`; the signal's reason
 *
 * @example
 * ```js
 * const { connect } = require('iomux/net');
 * const web = await connect({ host: 'localhost', port: 7000 }, { signal: AbortSignal.timeout(1000) });
 * const bus = await connect({ path: '/run/dbus/system_bus_socket' });
 * ```
 */
export async function connect(o: TcpOptions | UnixOptions, abort?: Abortable): Promise<Stream> {
  if (isUnix(o)) return first([unixTarget(o)], 0, liveSignal(abort));
  const tcp = checkTcpConnect(o);
  const signal = liveSignal(abort);
  const { host } = tcp;
  const addresses = isIP(host) === 0 ? await addressesOf(host, { ...tcp, signal }) : [host];
  const targets = addresses.map((address) => tcpTarget(address, tcp));
  return first(targets, tcp.attemptDelay, signal);
}

async function first(
  targets: readonly Target[],
  delay: number,
  signal: AbortSignal | undefined,
): Promise<Stream> {
  const outcome = await race(targets, delay, signal);
  if (outcome instanceof Stream) return outcome;
  const errors = outcome.map((failure) => failure());
  throw errors.length === 1 ? errors[0] : attemptsError(errors);
}

function isUnix(o: TcpOptions | UnixOptions | undefined): o is UnixOptions {
  return o?.path !== undefined;
}

/** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` */
function unixTarget(o: UnixOptions): Target {
  const { path, host, port }: { path: unknown; host?: unknown; port?: unknown } = o;
  const bytes = encodeUnix('options.path', path);
  if (path === '') throw invalidValue('options.path', 'must not be empty', path);
  // Which of them is meant?
  if (host !== undefined || port !== undefined) {
    throw invalidValue('options.path', 'cannot be combined with a host or a port', path);
  }
  return { bytes, where: { address: o.path } };
}
