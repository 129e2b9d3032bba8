import type { Carrier } from './carrier';

/** The most that one call receives, and that a read of whatever is available returns. */
export const CHUNK = 65536;
/** One for all streams of the thread, so that a stream that waits holds no buffer. */
const shared = Buffer.allocUnsafeSlow(CHUNK);
const nothing = Buffer.alloc(0);
/** Room for less than this is not worth a system call. */
const LEAST = 4096;

/**
 * The bytes of a stream that have been received and that nobody has taken. They stand in the shared
 * buffer while a read looks at them; `keep` moves what is left of them into one of the stream's own.
 */
export class Received {
  #bytes: Buffer = nothing;
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** A view, good until the next call of a method. */
  get view(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** One recv(2) or read(2): how many bytes were added, 0 at the end, or a negated errno. */
  fill(channel: Carrier): number {
    if (this.length === 0) return this.#borrow(channel);
    this.keep();
    if (this.length < shared.length) {
      const count = channel.receive(shared);
      if (count > 0) this.#append(count);
      return count;
    }
    this.#reserve(LEAST);
    const count = channel.receive(this.#bytes.subarray(this.#end));
    if (count > 0) this.#end += count;
    return count;
  }

  /** Bytes that have come by another way. They are kept as they are, and are the only ones. */
  put(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#start = 0;
    this.#end = bytes.length;
  }

  /** Takes the first `count` bytes, as a copy of their own. */
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

  /** Takes as many bytes as there is room for: how many. */
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

  /** Leaves the shared buffer to others. Nothing is held when nothing is left. */
  keep(): void {
    if (this.length === 0) this.clear();
    else if (this.#bytes === shared) this.#moveTo(Buffer.allocUnsafe(this.length));
  }

  clear(): void {
    this.#bytes = nothing;
    this.#start = 0;
    this.#end = 0;
  }

  #borrow(channel: Carrier): number {
    const count = channel.receive(shared);
    if (count > 0) {
      this.#bytes = shared;
      this.#start = 0;
      this.#end = count;
    }
    return count;
  }

  #append(count: number): void {
    this.#reserve(count);
    shared.copy(this.#bytes, this.#end, 0, count);
    this.#end += count;
  }

  /** Room doubles, so that what grows is copied a bounded number of times. */
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
