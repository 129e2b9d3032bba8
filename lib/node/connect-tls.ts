import type { Duplex } from 'node:stream';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { isIP } from '../io/ip';
import { Connection } from './connection';
import type { NetOptions } from './net-options';
import { joinSecure, lendTo } from './secure-socket';
import type { DuplexOptions } from './duplex-options';
import { SocketDuplex } from './socket-duplex';

/** What `tls.connect` takes, but for a `socket`, and where to connect. */
export type ConnectTlsOptions = Omit<ConnectionOptions, keyof NetOptions | 'socket'> &
  NetOptions &
  DuplexOptions;

/**
 * `tls.connect` over a stream of iomux: a TLSSocket of Node's own, with all that it takes and tells
 * (`ALPNProtocols`, `servername`, `cert` and `key`, `session`; `authorized`, `alpnProtocol`,
 * `getPeerCertificate()`), whose connection is made by `connect` of `iomux/net`.
 *
 * `connect` is emitted when there is a connection, `secureConnect` when it may be used, though what is
 * written before waits for that; `error` when there is no connection, or no trust in it. The name that is
 * asked for by SNI is that of `host`, unless `servername` says otherwise.
 * @throws like `tls.connect`, and `connect` of `iomux/net` for what is no target
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
export function connectTls(o: ConnectTlsOptions): TLSSocket {
  const connection = new Connection({ allowHalfOpen: true }).connect({ ...o, timeout: undefined });
  try {
    return secure(connection, o);
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

/** TLS over a connection that is there, or on its way. */
export function secure(connection: Duplex, o: ConnectTlsOptions): TLSSocket {
  const host = 'host' in o ? o.host : undefined;
  const servername = o.servername ?? (host && isIP(host) === 0 ? host : undefined);
  // The signal is the connection's: a TLSSocket that is destroyed while it is made comes to life again.
  const over = { ...o, signal: undefined, servername, socket: connection };
  const socket = lendTo(o.allowHalfOpen ?? false, connection, () => connect(over));
  if (o.timeout) socket.setTimeout(o.timeout);
  return connection instanceof SocketDuplex ? joinSecure(socket, connection) : socket;
}
