import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type IncomingMessage, Server as HttpServer, type ServerResponse } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import { type BlockList, Server, type Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { addAbortCallback, removeAbortCallback } from '../abort-callbacks';
import { queueMicrotask } from '../clock';
import { invalidType } from '../errors';
import { Listener, mostHandlers, type ServeOptions } from '../io/listen/listener';
import type { Stream } from '../io/stream/stream';
import { liveSignal } from '../validate';
import { joinSession } from './join-session';
import { ADDRESSES, duplexBelow, joinAccepted, overHalfOpen } from './secure-socket';
import { ServedConnection } from './served-connection';
import { SocketDuplex } from './socket-duplex';

/** Properties of servers that `@types/node` lacks. */
type Settings = Server & {
  readonly allowHalfOpen?: boolean | undefined;
  readonly highWaterMark?: number | undefined;
  readonly pauseOnConnect?: boolean | undefined;
  readonly noDelay?: boolean | undefined;
  readonly keepAlive?: boolean | undefined;
  /** In seconds. */
  readonly keepAliveInitialDelay?: number | undefined;
  readonly blockList?: BlockList | undefined;
};

type Connections = Set<ServedConnection>;

/** How many listeners and connections feed a server. */
interface Feeding {
  listeners: number;
  connections: number;
}

const feedings = new WeakMap<Server, Feeding>();
const serving = new WeakMap<SocketDuplex, ServedConnection>();

/** How many servers are fed by listeners now. */
let fed = 0;

/** Node publishes every HTTP/1 request on it, including those that it answers by itself (417, 503). */
const REQUEST_CHANNEL = 'http.server.request.start';

/**
 * Passes the connections of a listener to a Node server: one of `node:http`, `node:https`, `node:http2`
 * or `node:tls`, or any other that takes `connection` events. Each connection is a Duplex as made by
 * `toDuplex`. Several listeners may serve one server, which may also listen by itself.
 *
 * The event `listening` is emitted on the server, since it starts the checks for slow clients
 * (`headersTimeout`, `requestTimeout`); `address()` stays null, since only the listener has an address.
 * The server's `maxConnections`, `blockList`, `pauseOnConnect`, `highWaterMark` and `keepAlive` apply, and
 * `noDelay: false` of a server of `node:http` or `node:https`; for the others that of the listener does.
 *
 * Resolves when the listener is closed, or `server.close()` has been called, and all connections have
 * ended. Idle connections are closed at once, the others when their requests are answered, the last of
 * them with `Connection: close`; `listener.close({ drain })` sets a limit. Connections without a request
 * are left to `headersTimeout`; HTTP/2 sessions, and connections upgraded to another protocol, to both
 * ends. The server has emitted `close` by then; after `server.close()` it does so at once, since it does
 * not know of these connections.
 *
 * Running out of descriptors does not end it: see `Listener`.
 * @param o `maxConnections`: the most connections to serve at a time, while others wait in the backlog
 * (those beyond the server's own `maxConnections` are dropped); `signal`: aborting closes the listener
 * and destroys the connections
 * @throws the signal's reason; `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
 *
 * @example
 * ```js
 * import http from 'node:http';
 * import { listen } from 'iomux/net';
 * import { serveHttp } from 'iomux/node';
 * const server = http.createServer((request, response) => response.end('hello\n'));
 * const listener = await listen({ port: 8000 });
 * process.once('SIGTERM', () => listener.close({ drain: AbortSignal.timeout(5000) }));
 * await serveHttp(listener, server);
 * ```
 */
export async function serveHttp(
  listener: Listener,
  server: Server,
  o?: ServeOptions,
): Promise<void> {
  if (!(listener instanceof Listener)) {
    throw invalidType('listener', 'an instance of Listener', listener);
  }
  if (!(server instanceof Server)) throw invalidType('server', 'an instance of net.Server', server);
  const maxConnections = mostHandlers(o);
  const signal = liveSignal(o);
  const connections: Connections = new Set();
  let isClosed = false;
  const close = (): void => {
    isClosed = true;
    listener.close();
  };
  const abort = (): void => {
    listener.close();
    for (const connection of connections) connection.destroy();
  };
  server.once('close', close);
  addAbortCallback(signal, abort);
  try {
    const feeding = begin(server);
    await listener.serve((stream) => serveStream(stream, server, connections, feeding), {
      maxConnections,
    });
    const left = [...connections];
    for (const connection of left) connection.end();
    await Promise.all(left.map(({ closed }) => closed));
    signal?.throwIfAborted();
  } finally {
    server.removeListener('close', close);
    removeAbortCallback(signal, abort);
    await end(server, isClosed);
  }
}

function begin(server: Server): Feeding {
  const feeding = feedings.get(server) ?? { listeners: 0, connections: 0 };
  feedings.set(server, feeding);
  if (++feeding.listeners > 1) return feeding;
  if (fed++ === 0) subscribe(REQUEST_CHANNEL, onRequest);
  if (server instanceof TlsServer) server.prependListener('secureConnection', joinAccepted);
  else server.prependListener('session', joinSession);
  if (!server.listening) server.emit('listening');
  return feeding;
}

async function end(server: Server, isClosed: boolean): Promise<void> {
  const feeding = feedings.get(server);
  if (feeding === undefined || --feeding.listeners > 0) return;
  if (--fed === 0) unsubscribe(REQUEST_CHANNEL, onRequest);
  if (server instanceof TlsServer) server.removeListener('secureConnection', joinAccepted);
  else server.removeListener('session', joinSession);
  if (server.listening || isClosed) return;
  await new Promise<void>((resolve) => {
    // A call of serveHttp before `close` is emitted would take it for its own. It may be late, if the
    // server has connections that it has accepted by itself.
    server.prependOnceListener('close', () => resolve());
    server.getConnections((_, count) => count > 0 && resolve());
    // Ends the checks for slow clients.
    server.close();
  });
}

function onRequest(message: unknown): void {
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
  const connection = connectionOf(request);
  if (connection === undefined) return;
  connection.begin(request, response);
  response.on('close', onClose);
}

/** One for all responses: a server answers many. */
function onClose(this: ServerResponse): void {
  connectionOf(this.req)?.answered(this.req);
}

function connectionOf({ socket }: IncomingMessage): ServedConnection | undefined {
  const duplex = duplexBelow(socket);
  return duplex && serving.get(duplex);
}

/** Passes a connection to the server; resolves when it is closed. */
async function serveStream(
  stream: Stream,
  server: Settings,
  connections: Connections,
  feeding: Feeding,
): Promise<void> {
  const { allowHalfOpen = false, highWaterMark, pauseOnConnect } = server;
  const { keepAlive, keepAliveInitialDelay = 0 } = server;
  const isSecure = server instanceof TlsServer;
  const connection = new SocketDuplex(stream, {
    allowHalfOpen: allowHalfOpen || isSecure,
    highWaterMark,
    pauseOnCreate: pauseOnConnect,
  });
  if (refuses(server, connection, feeding.connections)) {
    connection.destroy();
    return;
  }
  const served = new ServedConnection(connection);
  serving.set(connection, served);
  connections.add(served);
  feeding.connections++;
  if (keepAlive === true) connection.setKeepAlive(true, keepAliveInitialDelay * 1000);
  if (delaysWrites(server)) connection.setNoDelay(false);
  try {
    const emit = (): boolean => server.emit('connection', connection as unknown as Socket);
    if (isSecure) overHalfOpen(allowHalfOpen, connection, emit);
    else emit();
  } catch (error) {
    // As with a server that listens by itself.
    connection.destroy();
    queueMicrotask(() => {
      throw error;
    });
  }
  await served.closed;
  connections.delete(served);
  feeding.connections--;
}

/** Whether that was asked for: other servers than those of HTTP have `noDelay: false` by default. */
function delaysWrites(server: Settings): boolean {
  if (server.noDelay !== false) return false;
  return server instanceof HttpServer || server instanceof HttpsServer;
}

/** The checks that `net.Server` makes before it emits `connection`. */
function refuses(server: Settings, connection: SocketDuplex, others: number): boolean {
  const { maxConnections, blockList } = server as Partial<Settings>;
  if (maxConnections != null && others >= maxConnections) {
    server.emit('drop', Object.fromEntries(ADDRESSES.map((name) => [name, connection[name]])));
    return true;
  }
  if (blockList === undefined) return false;
  const { remoteAddress, remoteFamily } = connection;
  if (remoteAddress === undefined) return false;
  return blockList.check(remoteAddress, remoteFamily === 'IPv6' ? 'ipv6' : 'ipv4');
}
