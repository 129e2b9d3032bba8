import { ReadableStream, WritableStream } from 'node:stream/web';
import { invalidType } from '../errors';
import type { Received } from '../io/stream/received';
import { partsOf, Stream, type StreamParts } from '../io/stream/stream';
import { end } from './outgoing';

/** Both directions of a stream, as the web has them. */
export interface WebStreams {
  /** A byte stream, with BYOB readers. */
  readonly readable: ReadableStream<Uint8Array>;
  /** Takes bytes, and text, which is sent as UTF-8. */
  readonly writable: WritableStream<Uint8Array | string>;
}

/**
 * A stream as the two of the web. Nothing is read before it is asked for: a BYOB reader has its buffer
 * filled by the system call, any other one gets a chunk of exactly what has come. A write is done when
 * the kernel has taken it.
 *
 * `writable.close()` sends the end; `readable.cancel()` reads no more. The stream is closed when both
 * sides are over, whichever way. `writable.abort(reason)` closes it at once, and so does an error: the
 * other side has that reason then.
 * @throws `ERR_INVALID_ARG_TYPE`
 *
 * @example
 * ```js
 * const { connect } = require('iomux/net');
 * const { toWeb } = require('iomux/node');
 * const { readable, writable } = toWeb(await connect({ port: 7000 }));
 * await readable.pipeThrough(new TextDecoderStream()).pipeTo(new WritableStream());
 * ```
 */
export function toWeb(stream: Stream): WebStreams {
  if (!(stream instanceof Stream)) throw invalidType('stream', 'an instance of Stream', stream);
  let halves = 2;
  const halfIsOver = (): Promise<void> | undefined => (--halves === 0 ? stream.close() : undefined);
  return {
    readable: readableOf(stream, halfIsOver),
    writable: writableOf(stream, halfIsOver),
  };
}

function readableOf(stream: Stream, over: () => unknown): ReadableStream<Uint8Array> {
  const { reading }: StreamParts = partsOf(stream);
  const cancelled = new AbortController();
  const o = { signal: cancelled.signal };
  return new ReadableStream({
    type: 'bytes',
    pull: async (controller) => {
      const request = controller.byobRequest;
      try {
        if (request === null) {
          const chunk = await reading.start(o, () => ownBytes);
          if (chunk !== null) {
            controller.enqueue(chunk);
            return;
          }
        } else {
          const count = await stream.read(request.view as Uint8Array, o);
          if (count > 0) {
            request.respond(count);
            return;
          }
        }
        await over();
        controller.close();
        request?.respond(0);
      } catch (error) {
        if (cancelled.signal.aborted) return;
        stream.destroy(error as Error);
        throw error;
      }
    },
    cancel: async () => {
      cancelled.abort();
      await over();
    },
  });
}

/** A chunk that can be given away: its memory is nobody else's. */
function ownBytes(received: Received, ended: boolean): Uint8Array | null | undefined {
  if (received.length === 0) return ended ? null : undefined;
  const bytes = new Uint8Array(received.view);
  received.skip(bytes.length);
  return bytes;
}

function writableOf(stream: Stream, over: () => unknown): WritableStream<Uint8Array | string> {
  return new WritableStream({
    start: (controller) => {
      // At once: `abort` is called when the write that is under way, which may never be, is over.
      const { signal } = controller as unknown as { readonly signal: AbortSignal };
      signal.addEventListener('abort', () => stream.destroy(signal.reason as Error));
    },
    write: async (chunk) => {
      try {
        await stream.write(chunk);
      } catch (error) {
        stream.destroy(error as Error);
        throw error;
      }
    },
    close: async () => {
      await end(stream);
      await over();
    },
  });
}
