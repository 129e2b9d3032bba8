import { channel } from 'node:diagnostics_channel';
import { debuglog } from 'node:util';
import type { Listener } from './listen/listener';
import type { Stream } from './stream/stream';

// Who subscribes is called at once, with messages that docs/node.md describes. While nobody does, and
// NODE_DEBUG does not name us, each of these is two looks at a property.

const connects = channel('iomux:stream:connect');
const accepts = channel('iomux:stream:accept');
const closes = channel('iomux:stream:close');
const errors = channel('iomux:stream:error');
const debug = debuglog('iomux');
// Bun's does not tell whether it prints.
const { enabled = process.env['NODE_DEBUG'] !== undefined } = debug as { enabled?: boolean };

/** A stream has been connected. */
export function tellConnect(stream: Stream): void {
  if (connects.hasSubscribers) connects.publish({ stream });
  if (enabled) debug('connect: %d to %o', stream.fd, stream.remoteAddress);
}

/** A listener has accepted a stream. */
export function tellAccept(stream: Stream, listener: Listener): void {
  if (accepts.hasSubscribers) accepts.publish({ stream, listener });
  if (enabled) debug('accept: %d from %o', stream.fd, stream.remoteAddress);
}

/** A stream has been closed, whose descriptor was `fd`; for a reason if it was destroyed with one. */
export function tellClose(stream: Stream, fd: number, reason: Error | undefined): void {
  if (closes.hasSubscribers) closes.publish({ stream, fd, reason });
  if (enabled) {
    const { bytesRead, bytesWritten } = stream;
    debug('close: %d, %d bytes in, %d bytes out', fd, bytesRead, bytesWritten, reason ?? '');
  }
}

/** A system call that reads or writes a stream has failed; it is handed on. */
export function tellError<E extends Error>(error: E, fd: number): E {
  if (errors.hasSubscribers) errors.publish({ error, fd });
  if (enabled) debug('error: %d, %s', fd, error.message);
  return error;
}
