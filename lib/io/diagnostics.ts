import { channel } from 'node:diagnostics_channel';
import { debuglog } from 'node:util';
import type { Listener } from './listen/listener';
import type { Stream } from './stream/stream';

// Subscribers are called synchronously, with the messages that docs/node.md describes. Without subscribers
// and NODE_DEBUG, each function costs two property reads.

const connects = channel('iomux:stream:connect');
const accepts = channel('iomux:stream:accept');
const closes = channel('iomux:stream:close');
const errors = channel('iomux:stream:error');
const debug = debuglog('iomux');
// Bun's debuglog has no `enabled`.
const { enabled = process.env['NODE_DEBUG'] !== undefined } = debug as { enabled?: boolean };

/** A stream has been connected. */
export function publishConnect(stream: Stream): void {
  if (connects.hasSubscribers) connects.publish({ stream });
  if (enabled) debug('connect: %d to %o', stream.fd, stream.remoteAddress);
}

/** A listener has accepted a stream. */
export function publishAccept(stream: Stream, listener: Listener): void {
  if (accepts.hasSubscribers) accepts.publish({ stream, listener });
  if (enabled) debug('accept: %d from %o', stream.fd, stream.remoteAddress);
}

/** A stream has been closed. `fd` was its descriptor, `reason` the argument of `destroy`. */
export function publishClose(stream: Stream, fd: number, reason: Error | undefined): void {
  if (closes.hasSubscribers) closes.publish({ stream, fd, reason });
  if (enabled) {
    const { bytesRead, bytesWritten } = stream;
    debug('close: %d, %d bytes in, %d bytes out', fd, bytesRead, bytesWritten, reason ?? '');
  }
}

/** A system call that reads or writes a stream has failed. Returns the error. */
export function publishError<E extends Error>(error: E, fd: number): E {
  if (errors.hasSubscribers) errors.publish({ error, fd });
  if (enabled) debug('error: %d, %s', fd, error.message);
  return error;
}
