import { invalidType } from '../errors';
import { partsOf, Stream } from '../io/stream/stream';
import { type DuplexOptions, isHalfOpen } from './duplex-options';
import { SocketDuplex } from './socket-duplex';

/**
 * Turns a stream into a Duplex for code that takes a `net.Socket`: HTTP, TLS, WebSockets, database
 * clients. The Duplex owns the stream from then on, and closes it; other reads fail with `ERR_BUSY`.
 *
 * It behaves like a connected `net.Socket`: it reads ahead until its buffer is full, ends when the other
 * side does (unless `allowHalfOpen`), is destroyed when both sides have ended, and then emits `close`.
 * Events are emitted in the asynchronous context in which it was created.
 *
 * Given a promise of a stream, it behaves like a `net.Socket` that is connecting: writes wait, `connect`
 * and `ready` are emitted once there is a connection, and `error` if connecting fails.
 * @throws `ERR_BUSY` while a read is pending, `ERR_CLOSED`, `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
 *
 * @example
 * ```js
 * import http from 'node:http';
 * import { listen } from 'iomux/net';
 * import { toDuplex } from 'iomux/node';
 * const server = http.createServer((request, response) => response.end('hello\n'));
 * const listener = await listen({ port: 8000 });
 * for await (const stream of listener) {
 *   server.emit('connection', toDuplex(stream, { allowHalfOpen: true }));
 * }
 * ```
 */
export function toDuplex(stream: Stream | PromiseLike<Stream>, o?: DuplexOptions): SocketDuplex {
  const allowHalfOpen = isHalfOpen(o);
  if (stream instanceof Stream) {
    // Nothing can be read from the writing end of a pipe.
    const readable = !partsOf(stream).channel.transport.endsByClosing;
    return new SocketDuplex(stream, { allowHalfOpen, readable });
  }
  if (typeof (Object(stream) as { then?: unknown }).then !== 'function') {
    throw invalidType('stream', 'an instance of Stream or a promise of one', stream);
  }
  return new SocketDuplex(stream, { allowHalfOpen });
}
