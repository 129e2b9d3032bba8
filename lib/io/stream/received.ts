import type { Carrier } from './carrier';

/** The most that one call receives, and that a read of whatever is available returns. */
export const CHUNK = 65536;
/** One for all streams of the thread, so that a stream that waits holds no buffer. */
const shared = Buffer.allocUnsafeSlow(CHUNK);
const nothing = Buffer.alloc(0);
/** The least room that is worth a system call. */
const LEAST = 4096;

/**
 * The bytes of a stream that have been received and not been read. They are in the shared buffer while a
 * read takes from them; `keep` moves the rest into a buffer of the stream's own.
 */
export class Received {
  #bytes: Buffer = nothing;
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** A view, valid until the next call of a method. */
  get view(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** Makes one recv(2) or read(2). Returns how many bytes were added, 0 at the end, or a negated errno. */
  fill(channel: Carrier): number {
    this.keep();
    if (this.length >= shared.length) {
      this.#reserve(LEAST);
      const count = channel.receive(this.#bytes.subarray(this.#end));
      if (count > 0) this.#end += count;
      return count;
    }
    const count = channel.receive(shared);
    if (count <= 0) return count;
    if (this.length === 0) {
      this.#bytes = shared;
    } else {
      this.#reserve(count);
      shared.copy(this.#bytes, this.#end, 0, count);
    }
    this.#end += count;
    return count;
  }

  /** Sets the bytes to those of a buffer, which is kept. There must be no others. */
  put(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#start = 0;
    this.#end = bytes.length;
  }

  /** Takes the first `count` bytes, as a copy. */
  take(count: number): Buffer {
    const bytes = this.copy(count);
    this.skip(count);
    return bytes;
  }

  /** Takes the first `count` bytes as UTF-8. */
  takeText(count: number): string {
    const text = this.#bytes.toString('utf8', this.#start, this.#start + count);
    this.skip(count);
    return text;
  }

  /** Takes as many bytes as there is room for. Returns how many. */
  takeInto(into: Uint8Array): number {
    const count = Math.min(this.length, into.length);
    this.#bytes.copy(into, 0, this.#start, this.#start + count);
    this.skip(count);
    return count;
  }

  copy(count: number): Buffer {
    const bytes = Buffer.allocUnsafe(count);
    this.#bytes.copy(bytes, 0, this.#start, this.#start + count);
    return bytes;
  }

  skip(count: number): void {
    this.#start += count;
  }

  /** Releases the shared buffer: copies what is left, if anything. */
  keep(): void {
    if (this.length === 0) this.clear();
    else if (this.#bytes === shared) this.#moveTo(Buffer.allocUnsafe(this.length));
  }

  clear(): void {
    this.#bytes = nothing;
    this.#start = 0;
    this.#end = 0;
  }

  /** Makes room by doubling, so that each byte is copied a bounded number of times on average. */
  #reserve(count: number): void {
    if (this.#bytes.length - this.#end >= count) return;
    const { length } = this;
    this.#moveTo(Buffer.allocUnsafe(Math.max(2 * length, length + count)));
  }

  #moveTo(bytes: Buffer): void {
    this.#bytes.copy(bytes, 0, this.#start, this.#end);
    this.#end = this.length;
    this.#start = 0;
    this.#bytes = bytes;
  }
}
