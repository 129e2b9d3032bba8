import { nextTick } from '../clock';
import { EAGAIN, ENOTCONN, ENOTSOCK, isClosed, streamDestroyed } from '../errors';
import { partsOf, type Stream } from '../io/stream/stream';
import type { Writing } from '../io/stream/writing';

export type Done = (error?: Error | null) => void;

/** What a Writable passes to `_write`: bytes, or a string that is not encoded yet. */
export interface Chunk {
  readonly chunk: Uint8Array | string;
  readonly encoding: BufferEncoding;
}

/** Where strings of all streams are encoded: the bytes are only needed until the kernel has them. */
const scratch = Buffer.allocUnsafeSlow(65536);
/** The most bytes that any encoding makes of a UTF-16 code unit. */
const MOST_PER_UNIT = 3;

/** Writes to a stream for a Writable, which takes callbacks; the system call is tried at once. */
export class Outgoing {
  readonly #writing: Writing;
  readonly #stream: Stream;
  #accepted = 0;
  /** The callback of the write under way: a Writable starts one at a time. */
  #waiting: Done | null = null;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.#writing = partsOf(stream).writing;
  }

  /** How many bytes were written, whether or not the kernel has them yet; not what it has refused. */
  get accepted(): number {
    return this.#accepted;
  }

  write(chunk: Uint8Array | string, encoding: BufferEncoding, done: Done): void {
    if (typeof chunk !== 'string') this.#send(chunk, chunk.length, done);
    else if (mostBytes(chunk) > scratch.length)
      this.write(Buffer.from(chunk, encoding), encoding, done);
    else this.#send(scratch, scratch.write(chunk, encoding), done);
  }

  /** Short chunks are copied into one buffer; long ones are sent by one system call. */
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
        // `set` throws for detached memory, even if there is nothing to copy.
        scratch.set(chunk, end);
        end += chunk.length;
      }
    }
    this.#send(scratch, end, done);
  }

  /** Sends the end of the stream. */
  end(done: Done): void {
    const { channel, reading } = partsOf(this.#stream);
    // `end` closes the stream then, and `Incoming` must not take that for a close by somebody else.
    if (channel.transport.endsByClosing) reading.giveBack();
    this.#callBack(end(this.#stream), done);
  }

  /** Fails the write under way. */
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

  /** `done` gets a tick of its own: what it throws is an uncaught exception, as from any callback. */
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

/** Sends the end of a stream. A terminal has no such end, and a peer that is gone needs none. */
export async function end(stream: Stream): Promise<void> {
  try {
    await stream.shutdown();
  } catch (error) {
    const { errno } = error as { errno?: number };
    if (errno !== ENOTSOCK && errno !== ENOTCONN) throw error;
  }
}
