import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { clearTimeout, LONGEST_TIMER, setTimeout } from '../clock';
import { ETIMEDOUT, systemError } from '../errors';
import { integer, options, refuseForeign } from '../validate';
import { type ConnectTlsOptions, secure } from './connect-tls';
import { Connection } from './connection';

/** Options for all connections of a dispatcher: those of `connectTls`, except the target. */
export type ConnectorOptions = Omit<Partial<ConnectTlsOptions>, 'host' | 'port' | 'timeout'> & {
  /** How long connecting may take, including TLS, in milliseconds; 10,000 by default, 0 for no limit. */
  readonly timeout?: number | undefined;
  /** A Unix socket to connect to, whatever the URL says. */
  readonly path?: string | undefined;
};

/** The target that undici passes to a connector. */
export interface ConnectorTarget {
  /** A name or an address. */
  readonly hostname: string;
  /** `'https:'` for TLS. */
  readonly protocol: string;
  /** Empty for that of the protocol. */
  readonly port: string;
  /** The name that TLS asks for, and checks; by default that of the connector, or of the host. */
  readonly servername?: string | null | undefined;
  /** An address of this machine to connect from. */
  readonly localAddress?: string | null | undefined;
  /** What TLS is to run over: a tunnel through a proxy. */
  readonly httpSocket?: Duplex | undefined;
}

/** The callback of undici. */
export type ConnectorCallback = (
  ...outcome: [error: null, socket: Socket | TLSSocket] | [error: Error, socket: null]
) => void;

const TIMEOUT = 10_000;
/** Options of undici's own connector. */
const FOREIGN = {
  allowH2: "is no option here: give ALPNProtocols ['h2', 'http/1.1']",
  maxCachedSessions: 'is no option here',
  socketPath: 'is called path here',
};
/** As many as Node's agents keep. */
const MOST_SESSIONS = 100;

/**
 * Creates a connector for the dispatchers of undici (`Agent`, `Pool`, `Client`), and so for `fetch`, that
 * connects with `connect` of `iomux/net`. As with undici's own, `https:` resumes TLS sessions, and silent
 * connections are probed after a minute.
 *
 * For HTTP/2, pass `ALPNProtocols: ['h2', 'http/1.1']`.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`; errors of connecting,
 * `ETIMEDOUT` among them, are passed to the callback
 *
 * @example
 * ```js
 * import { Agent } from 'undici';
 * import { connector } from 'iomux/node';
 * const dispatcher = new Agent({ connect: connector({ attemptDelay: 100 }) });
 * const response = await fetch('https://example.org/', { dispatcher });
 * ```
 */
export function connector(
  o?: ConnectorOptions,
): (target: ConnectorTarget, callback: ConnectorCallback) => void {
  const { timeout = TIMEOUT, ...given } = options(o);
  integer('options.timeout', timeout, 0, LONGEST_TIMER);
  refuseForeign(given, FOREIGN);
  const sessions: Sessions = new Map();
  return (target, callback) => {
    try {
      const socket = begin(target, given, sessions);
      report(socket, target, timeout, callback);
    } catch (error) {
      callback(error as Error, null);
    }
  };
}

type Sessions = Map<string, Buffer>;

function isSecure({ protocol }: ConnectorTarget): boolean {
  return protocol === 'https:';
}

function portOf(target: ConnectorTarget): number {
  return Number(target.port || (isSecure(target) ? 443 : 80));
}

function begin(target: ConnectorTarget, o: ConnectorOptions, sessions: Sessions): Duplex {
  const { hostname: host, localAddress, httpSocket, servername } = target;
  const where: ConnectTlsOptions = {
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    ...o,
    host,
    port: portOf(target),
    localAddress: localAddress ?? undefined,
  };
  const allowHalfOpen = isSecure(target);
  const connection = httpSocket ?? new Connection({ allowHalfOpen }).connect(where);
  if (!isSecure(target)) return connection;
  // The name of the request takes precedence, as in undici's own connector.
  const name = servername ?? o.servername;
  const key = name ?? host;
  const own = { ALPNProtocols: ['http/1.1'], session: sessions.get(key) };
  const socket = secure(connection, { ...own, ...where, servername: name });
  return socket.on('session', (session) => remember(sessions, key, session));
}

function remember(sessions: Sessions, key: string, session: Buffer): void {
  // Reinserted as the newest: a Map keeps the order of insertion, and the oldest is dropped.
  sessions.delete(key);
  sessions.set(key, session);
  for (const oldest of sessions.keys()) {
    if (sessions.size <= MOST_SESSIONS) break;
    sessions.delete(oldest);
  }
}

/** Calls back once, with the socket or the first error; later errors are for the owner of the socket. */
function report(
  socket: Duplex,
  target: ConnectorTarget,
  timeout: number,
  callback: ConnectorCallback,
): void {
  const where = { address: target.hostname, port: portOf(target) };
  const onTimeout = (): void => {
    socket.destroy(systemError(ETIMEDOUT, 'connect', where));
  };
  const timer = timeout === 0 ? undefined : setTimeout(onTimeout, timeout);
  let open = true;
  const settle = (...outcome: Parameters<ConnectorCallback>): void => {
    clearTimeout(timer);
    if (open) callback(...outcome);
    open = false;
  };
  socket.once(isSecure(target) ? 'secureConnect' : 'connect', () => {
    settle(null, socket as unknown as Socket);
  });
  socket.on('error', (error) => settle(error, null));
}
