import { invalidType } from '../errors';
import { partsOf, Stream } from '../io/stream/stream';
import { type DuplexOptions, isHalfOpen } from './duplex-options';
import { SocketDuplex } from './socket-duplex';

/**
 * A stream as a Duplex for whatever takes a `net.Socket`: HTTP, TLS, WebSockets, clients of databases.
 * The stream belongs to it from then on, and is closed with it: its reads are `ERR_BUSY`.
 *
 * It behaves as a connected `net.Socket` does: it reads ahead until its buffer is full, ends when the
 * other side does (unless `allowHalfOpen`), is destroyed when both sides have ended, and says so by
 * `close`. Events are emitted in the asynchronous context in which it was made.
 *
 * A promise of a stream is a `net.Socket` that connects: what is written waits, `connect` and `ready`
 * are emitted when there is a connection, `error` when there will be none.
 * @throws `ERR_BUSY` while a read is under way, `ERR_CLOSED`, `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
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
