import type { Duplex } from 'node:stream';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { isIP } from '../io/ip';
import { callback, options, refuseForeign } from '../validate';
import { Connection } from './connection';
import type { NetOptions } from './net-options';
import { joinSecure, overHalfOpen } from './secure-socket';
import type { DuplexOptions } from './duplex-options';
import { SocketDuplex } from './socket-duplex';

/** The options of `tls.connect`, except `socket`, and the target of the connection. */
export type ConnectTlsOptions = Omit<ConnectionOptions, keyof NetOptions | 'socket'> &
  NetOptions &
  DuplexOptions;

const FOREIGN = {
  onread: 'is no option here: there is fromDuplex',
  socket: 'is no option here: tls.connect runs TLS over a Duplex that exists',
};

/**
 * Calls `tls.connect` over an iomux stream. The result is Node's own TLSSocket, with all of its options
 * and properties (`ALPNProtocols`, `servername`, `cert` and `key`, `session`; `authorized`,
 * `alpnProtocol`, `getPeerCertificate()`). The connection is made by `connect` of `iomux/net`.
 *
 * `connect` is emitted when there is a connection, `secureConnect` when it may be used (earlier writes
 * wait for that), and `error` when connecting fails or the peer is not trusted. SNI asks for the name in
 * `host`, unless `servername` is given.
 * @param listener for the event `secureConnect`
 * @throws like `tls.connect`; for an invalid target, like `connect` of `iomux/net`; `ERR_INVALID_ARG_VALUE`
 * for `socket` and `onread`
 *
 * @example
 * ```js
 * import { once } from 'node:events';
 * import { connectTls } from 'iomux/node';
 * const socket = connectTls({ host: 'example.org', port: 443, ALPNProtocols: ['http/1.1'] });
 * await once(socket, 'secureConnect', { signal: AbortSignal.timeout(5000) });
 * console.log(socket.getProtocol(), socket.alpnProtocol);
 * socket.end();
 * ```
 */
export function connectTls(o: ConnectTlsOptions, listener?: () => void): TLSSocket {
  refuseForeign(options(o), FOREIGN);
  if (listener !== undefined) callback('listener', listener);
  const connection = new Connection({ allowHalfOpen: true }).connect({ ...o, timeout: undefined });
  try {
    const socket = secure(connection, o);
    return listener === undefined ? socket : socket.once('secureConnect', listener);
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

/** TLS over a connection that is made, or being made. */
export function secure(connection: Duplex, o: ConnectTlsOptions): TLSSocket {
  const host = 'host' in o ? o.host : undefined;
  const servername = o.servername ?? (host && isIP(host) === 0 ? host : undefined);
  // The signal is for the connection: a TLSSocket destroyed in its constructor would come to life again.
  const over = { ...o, signal: undefined, servername, socket: connection };
  const socket = overHalfOpen(o.allowHalfOpen ?? false, connection, () => connect(over));
  if (o.timeout) socket.setTimeout(o.timeout);
  return connection instanceof SocketDuplex ? joinSecure(socket, connection) : socket;
}
