import { nextTick } from '../clock';
import { EAGAIN, ENOTCONN, ENOTSOCK, isClosed, streamDestroyed } from '../errors';
import { partsOf, type Stream } from '../io/stream/stream';
import type { Writing } from '../io/stream/writing';

export type Done = (error?: Error | null) => void;

/** What a Writable hands over; a string that it has not decoded. */
export interface Chunk {
  readonly chunk: Uint8Array | string;
  readonly encoding: BufferEncoding;
}

/** Text is encoded here, for all streams: it is only needed until the kernel has taken it. */
const scratch = Buffer.allocUnsafeSlow(65536);
/** No encoding makes more bytes of a character. */
const MOST_PER_UNIT = 3;

/** The bytes of a stream from somebody who wants to be called back: handed to the kernel at once. */
export class Outgoing {
  readonly #writing: Writing;
  readonly #stream: Stream;
  #accepted = 0;
  /** Whoever waits to be called back: a Writable hands over one thing after the other. */
  #waiting: Done | null = null;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.#writing = partsOf(stream).writing;
  }

  /** How many bytes have been handed over, whether or not the kernel has them; not what it has refused. */
  get accepted(): number {
    return this.#accepted;
  }

  write(chunk: Uint8Array | string, encoding: BufferEncoding, done: Done): void {
    if (typeof chunk !== 'string') this.#send(chunk, chunk.length, done);
    else if (mostBytes(chunk) > scratch.length)
      this.write(Buffer.from(chunk, encoding), encoding, done);
    else this.#send(scratch, scratch.write(chunk, encoding), done);
  }

  /** What is short leaves in one piece; what is not, in one call. */
  writev(chunks: readonly Chunk[], done: Done): void {
    const most = chunks.reduce((sum, { chunk }) => sum + mostBytes(chunk), 0);
    if (most > scratch.length) {
      this.#sendMany(
        chunks.map(({ chunk, encoding }) => toBytes(chunk, encoding)),
        done,
      );
      return;
    }
    let end = 0;
    for (const { chunk, encoding } of chunks) {
      if (typeof chunk === 'string') end += scratch.write(chunk, end, encoding);
      else if (chunk.length > 0) {
        // Of memory that was given away nothing can be copied, not even nothing.
        scratch.set(chunk, end);
        end += chunk.length;
      }
    }
    this.#send(scratch, end, done);
  }

  /** There is no more. */
  end(done: Done): void {
    const { channel, reading } = partsOf(this.#stream);
    // It is we who close it then.
    if (channel.transport.endsByClosing) reading.giveBack();
    this.#callBack(end(this.#stream), done);
  }

  /** Nobody waits any longer for what is under way. */
  stop(reason: Error | null): void {
    const done = this.#waiting;
    this.#waiting = null;
    if (done !== null) nextTick(done, reason ?? streamDestroyed());
  }

  #send(bytes: Uint8Array, end: number, done: Done): void {
    const result = this.#writing.attempt(bytes, 0, end);
    if (!this.#mayGoOn(result, done)) return;
    this.#accepted += end;
    if (result === end) done();
    else {
      const rest = bytes.subarray(Math.max(0, result), end);
      this.#callBack(this.#writing.write(bytes === scratch ? Buffer.from(rest) : rest), done);
    }
  }

  #sendMany(pieces: readonly Uint8Array[], done: Done): void {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const result = this.#writing.attemptMany(pieces, length);
    if (!this.#mayGoOn(result, done)) return;
    this.#accepted += length;
    if (result === length) done();
    else this.#callBack(this.#writing.finishMany(pieces, length, Math.max(0, result)), done);
  }

  #mayGoOn(result: number, done: Done): boolean {
    if (result >= 0 || result === EAGAIN) return true;
    done(this.#writing.failure(result));
    return false;
  }

  /** What `done` throws is an uncaught exception, as it is from any callback. */
  #callBack(promise: Promise<void>, done: Done): void {
    this.#waiting = done;
    const tell = (reason?: unknown): void => {
      if (this.#waiting !== done) return;
      this.#waiting = null;
      nextTick(done, reason);
    };
    promise.then(
      () => tell(),
      (error: unknown) => tell(isClosed(error) ? streamDestroyed() : error),
    );
  }
}

function mostBytes(chunk: Uint8Array | string): number {
  return chunk.length * (typeof chunk === 'string' ? MOST_PER_UNIT : 1);
}

function toBytes(chunk: Uint8Array | string, encoding: BufferEncoding): Uint8Array {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
}

/** Sends the end of the stream. Terminals have no such end, and a peer that has gone needs none. */
export async function end(stream: Stream): Promise<void> {
  try {
    await stream.shutdown();
  } catch (error) {
    const { errno } = error as { errno?: number };
    if (errno !== ENOTSOCK && errno !== ENOTCONN) throw error;
  }
}
