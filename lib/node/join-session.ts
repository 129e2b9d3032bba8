import type { Http2Session } from 'node:http2';
import { SocketDuplex } from './socket-duplex';

/**
 * Has a session of HTTP/2 without TLS know its client: between it and the Duplex there is a socket of
 * Node's own that asks the handle of libuv, which there is not. It can be told of the client in
 * advance, but not of the local address.
 */
export function joinSession({ socket }: Http2Session): void {
  const between = socket as unknown as { readonly stream?: unknown; _peername?: object };
  if (!(between.stream instanceof SocketDuplex)) return;
  const { remoteAddress: address, remotePort: port, remoteFamily: family } = between.stream;
  between._peername = { address, port, family };
}
