import type {
  ReadableByteStreamController,
  ReadableStream,
  WritableStream,
  WritableStreamDefaultController,
} from 'node:stream/web';
import { invalidType } from '../errors';
import type { Received } from '../io/stream/received';
import { partsOf, Stream, type StreamParts } from '../io/stream/stream';
import { end } from './outgoing';

/** Both directions of a stream, as Web Streams. */
export interface WebStreams {
  /** A byte stream, with BYOB readers. */
  readonly readable: ReadableStream<Uint8Array>;
  /** Takes bytes, or strings, which are sent as UTF-8. */
  readonly writable: WritableStream<Uint8Array | string>;
}

/**
 * Turns a stream into a pair of Web Streams. Nothing is read until it is requested: for a BYOB reader the
 * system call fills its buffer; any other reader gets a chunk of exactly the bytes received. A write is
 * done when the kernel has taken it.
 *
 * `writable.close()` sends the end; `readable.cancel()` stops reading. The stream is closed when both
 * sides are done. `writable.abort(reason)` or an error closes it at once, and the other side fails with
 * that reason.
 * @throws `ERR_INVALID_ARG_TYPE`
 *
 * @example
 * ```js
 * import { connect } from 'iomux/net';
 * import { toWeb } from 'iomux/node';
 * const { readable, writable } = toWeb(await connect({ port: 7000 }));
 * await readable.pipeThrough(new TextDecoderStream()).pipeTo(new WritableStream());
 * ```
 */
export function toWeb(stream: Stream): WebStreams {
  if (!(stream instanceof Stream)) throw invalidType('stream', 'an instance of Stream', stream);
  const directions = new Directions(stream);
  return {
    readable: readableOf(stream, directions),
    writable: writableOf(stream, directions),
  };
}

/** `node:stream/web`, once it is needed: to load it takes 1 ms. */
function web(): typeof import('node:stream/web') {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import that can wait
  return require('node:stream/web') as typeof import('node:stream/web');
}

type Controller = ReadableByteStreamController | WritableStreamDefaultController;

/** Which directions are open: the stream is closed with the last of them, and an error ends both. */
class Directions {
  readonly #stream: Stream;
  readonly #open = new Set<Controller>();

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  begin(controller: Controller): void {
    this.#open.add(controller);
  }

  /** May be called twice: the end may come while the readable is being cancelled. */
  async over(controller: Controller): Promise<void> {
    if (this.#open.delete(controller) && this.#open.size === 0) await this.#stream.close();
  }

  /** `by` has the error already. */
  fail(by: Controller, reason: unknown): void {
    this.#stream.destroy(reason as Error);
    for (const controller of this.#open) if (controller !== by) controller.error(reason);
  }
}

function readableOf(stream: Stream, directions: Directions): ReadableStream<Uint8Array> {
  const { reading }: StreamParts = partsOf(stream);
  const cancelled = new AbortController();
  const o = { signal: cancelled.signal };
  let controller!: ReadableByteStreamController;
  return new (web().ReadableStream)({
    type: 'bytes',
    start: (own) => directions.begin((controller = own)),
    pull: async () => {
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
        await directions.over(controller);
        controller.close();
        request?.respond(0);
      } catch (error) {
        if (cancelled.signal.aborted) return;
        directions.fail(controller, error);
        throw error;
      }
    },
    cancel: async () => {
      cancelled.abort();
      await directions.over(controller);
    },
  });
}

/** A chunk with memory of its own, which may be transferred. */
function ownBytes(received: Received, ended: boolean): Uint8Array | null | undefined {
  if (received.length === 0) return ended ? null : undefined;
  const bytes = new Uint8Array(received.view);
  received.skip(bytes.length);
  return bytes;
}

function writableOf(stream: Stream, directions: Directions): WritableStream<Uint8Array | string> {
  let controller!: WritableStreamDefaultController;
  return new (web().WritableStream)({
    start: (own) => {
      directions.begin((controller = own));
      // The method `abort` would be called only after the write under way, which may never end.
      const { signal } = controller as unknown as { readonly signal: AbortSignal };
      signal.addEventListener('abort', () => directions.fail(controller, signal.reason));
    },
    write: async (chunk) => {
      try {
        await stream.write(chunk);
      } catch (error) {
        directions.fail(controller, error);
        throw error;
      }
    },
    close: async () => {
      await end(stream);
      await directions.over(controller);
    },
  });
}
