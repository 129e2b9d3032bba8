import type { Http2Session } from 'node:http2';
import { SocketDuplex } from './socket-duplex';

/**
 * Gives an HTTP/2 session without TLS the address of its client. Node puts a socket of its own between the
 * session and the Duplex, which asks a libuv handle that does not exist here. The address of the peer can
 * be set there in advance, the local one cannot.
 */
export function joinSession({ socket }: Http2Session): void {
  const between = socket as unknown as { readonly stream?: unknown; _peername?: object };
  if (!(between.stream instanceof SocketDuplex)) return;
  const { remoteAddress: address, remotePort: port, remoteFamily: family } = between.stream;
  between._peername = { address, port, family };
}
