import {
  busyError,
  check,
  closedError,
  EAGAIN,
  invalidType,
  invalidValue,
  systemError,
} from '../errors';
import { native } from '../native';
import { deferred, last } from '../reactor/deferred';
import { integer } from '../validate';
import { type Address, localAddress, remoteAddress } from './address';
import { Channel } from './channel';
import { WriteQueue } from './write-queue';

const written = Promise.resolve();

/**
 * A stream of bytes over a connected socket. Reads go into the caller's buffer, and no read or write
 * runs in the background: `read` is one recv(2), as soon as there is something. Backpressure is
 * awaiting `write`. A stream that nobody waits for does not keep the process alive.
 *
 * @example
 * ```js
 * const { connect } = require('iomux/net');
 * const stream = await connect({ port: 7 });
 * await stream.write('hello');
 * const buffer = Buffer.alloc(1024);
 * console.log(buffer.toString('utf8', 0, await stream.read(buffer)));
 * await stream.close();
 * ```
 */
export class Stream {
  readonly #channel: Channel;
  readonly #queue = new WriteQueue();
  #closing = false;
  #closed: Promise<void> | undefined;
  #bytesRead = 0;
  #bytesWritten = 0;
  /** The read that is under way. */
  #into: Uint8Array | null = null;
  #resolveRead: (count: never) => void = ignore;
  #rejectRead: (reason: unknown) => void = ignore;

  /** @internal Takes over a connected, non-blocking socket. */
  constructor(fd: number) {
    this.#channel = new Channel(fd, {
      onReadable: () => {
        if (this.#into !== null) this.#continueRead(this.#into);
      },
      onWritable: () => {
        if (!this.#queue.empty) this.#continueWrite();
      },
      onAbandon: (reason) => {
        this.destroy(reason);
      },
    });
  }

  /** -1 once closed. */
  get fd(): number {
    return this.#channel.fd;
  }

  get closed(): boolean {
    return this.fd === -1;
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** What the kernel has taken. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** `null` once closed. */
  get localAddress(): Address | null {
    return this.closed ? null : localAddress(this.fd);
  }

  /** `null` once closed or reset. */
  get remoteAddress(): Address | null {
    return this.closed ? null : remoteAddress(this.fd);
  }

  /**
   * Reads what is there into `into`, waiting for at least one byte. The bytes may be written until
   * the promise is settled.
   * @returns how many bytes; 0 at the end of the stream
   * @throws `ERR_BUSY` while another read is under way (whose bytes would be whose?), `ERR_CLOSED`;
   * `ECONNRESET` and others after all that came before them has been read
   */
  read(into: Uint8Array): Promise<number> {
    const misuse = this.#readProblem(into);
    if (misuse !== null) return Promise.reject(misuse);
    if (this.#channel.mayRead && this.#channel.takeTurn()) {
      const result = this.#receive(into);
      if (result >= 0) return Promise.resolve(result);
      if (result !== EAGAIN) return Promise.reject(this.#failure(result, 'recv'));
    }
    const problem = this.#channel.park();
    if (problem !== null) return Promise.reject(problem);
    this.#into = into;
    this.#channel.hold();
    const promise = deferred<number>();
    this.#resolveRead = last.resolve;
    this.#rejectRead = last.reject;
    return promise;
  }

  /**
   * Reads what is there, without waiting: how many bytes, 0 at the end of the stream, -1 when there
   * is nothing (then `readable(stream)` of iomux tells when there is).
   * @throws like `read`
   */
  tryRead(into: Uint8Array): number {
    const problem = this.#readProblem(into);
    if (problem !== null) throw problem;
    if (!this.#channel.mayRead) return -1;
    const result = this.#receive(into);
    if (result === EAGAIN) return -1;
    if (result < 0) throw this.#failure(result, 'recv');
    return result;
  }

  /**
   * Resolves when the kernel has taken all of it. Several writes may be under way: they go out in
   * the order of the calls. The bytes must not change until then.
   * @param chunk bytes, or a string that is sent as UTF-8
   * @param offset of the first byte to send, and `length`: how many. `write(buffer, 0, n)` sends what
   * `read(buffer)` returned without making a view of it.
   * @throws `EPIPE`, `ECONNRESET`, `ERR_CLOSED` when the stream is closed before
   */
  write(chunk: Uint8Array | string, offset?: number, length?: number): Promise<void> {
    let from: number;
    let end: number;
    let bytes: Uint8Array;
    try {
      bytes = this.#toBytes(chunk);
      from = offset === undefined ? 0 : integer('offset', offset, 0, bytes.length);
      end =
        length === undefined
          ? bytes.length
          : from + integer('length', length, 0, bytes.length - from);
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.#channel.mayWrite && this.#queue.empty && this.#channel.takeTurn()) {
      const result = this.#send(bytes, from, end);
      if (result === end - from) return written;
      if (result < 0 && result !== EAGAIN) return Promise.reject(this.#failure(result, 'send'));
      from += Math.max(0, result);
    }
    const problem = this.#channel.park();
    if (problem !== null) return Promise.reject(problem);
    if (this.#queue.empty) this.#channel.hold();
    return this.#queue.push(bytes, from, end);
  }

  /**
   * Writes what the kernel takes, without waiting: how many bytes, -1 when it takes none (then
   * `writable(stream)` of iomux tells when it does).
   * @throws `ERR_BUSY` while a `write` is under way, whose bytes come first; otherwise like `write`
   */
  tryWrite(chunk: Uint8Array | string): number {
    const bytes = this.#toBytes(chunk);
    if (!this.#queue.empty) throw busyError('Another write is under way');
    if (!this.#channel.mayWrite) return -1;
    const result = this.#send(bytes, 0, bytes.length);
    if (result === EAGAIN) return -1;
    if (result < 0) throw this.#failure(result, 'send');
    return result;
  }

  /**
   * Sends the end of the stream after what was written before; the other side can go on sending.
   * @throws like `write`
   */
  async shutdown(): Promise<void> {
    if (this.#closing) throw closedError('stream');
    await this.#queue.drained();
    check(native.shutdown(this.fd, native.SHUT_WR), 'shutdown', this.fd);
  }

  /**
   * Closes the stream after what was written before has been handed to the kernel. A read that is
   * under way is rejected with `ERR_CLOSED`. Closing twice is closing once.
   */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#closing = true;
    this.#failRead(closedError('stream'));
    try {
      await this.#queue.drained();
    } catch {
      // Whose write it was has been told.
    }
    this.#destroy(closedError('stream'));
  }

  /** Closes the stream now. Whatever is under way is rejected with `reason`, or `ERR_CLOSED`. */
  destroy(reason?: Error): void {
    this.#closing = true;
    this.#destroy(reason ?? closedError('stream'));
  }

  /** A read or write that is under way keeps the process alive (the default). */
  ref(): this {
    this.#channel.ref();
    return this;
  }

  /** A read or write that is under way does not keep the process alive. */
  unref(): this {
    this.#channel.unref();
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #readProblem(into: Uint8Array): Error | null {
    if (!(into instanceof Uint8Array))
      return invalidType('into', 'an instance of Uint8Array', into);
    if (into.length === 0) return invalidValue('into', 'must have room for a byte', into);
    if (this.#closing) return closedError('stream');
    return this.#into === null ? null : busyError('Another read is under way');
  }

  #toBytes(chunk: Uint8Array | string): Uint8Array {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    if (!(bytes instanceof Uint8Array)) {
      throw invalidType('chunk', 'of type string or an instance of Uint8Array', chunk);
    }
    if (this.#closing) throw closedError('stream');
    return bytes;
  }

  #failure(errno: number, syscall: string): Error {
    return systemError(errno, syscall, { fd: this.fd });
  }

  #receive(into: Uint8Array): number {
    const count = this.#channel.receive(into);
    if (count > 0) this.#bytesRead += count;
    return count;
  }

  #send(bytes: Uint8Array, offset: number, end: number): number {
    const count = this.#channel.send(bytes, offset, end);
    if (count > 0) this.#bytesWritten += count;
    return count;
  }

  #continueRead(into: Uint8Array): void {
    // The user has given the buffer away meanwhile: a read into it would look like the end.
    if (into.length === 0) {
      this.#failRead(invalidValue('into', 'was detached', into));
      return;
    }
    const result = this.#receive(into);
    if (result === EAGAIN) return;
    this.#into = null;
    this.#channel.release();
    if (result >= 0) this.#resolveRead(result as never);
    else this.#rejectRead(this.#failure(result, 'recv'));
  }

  #continueWrite(): void {
    const result = this.#queue.flush((bytes, offset, end) => this.#send(bytes, offset, end));
    if (result < 0 && result !== EAGAIN) this.#queue.fail(this.#failure(result, 'send'));
    if (this.#queue.empty) this.#channel.release();
  }

  #failRead(reason: Error): void {
    if (this.#into === null) return;
    this.#into = null;
    this.#channel.release();
    this.#rejectRead(reason);
  }

  #destroy(reason: Error): void {
    if (this.closed) return;
    this.#failRead(reason);
    if (!this.#queue.empty) {
      this.#queue.fail(reason);
      this.#channel.release();
    }
    this.#channel.close();
  }
}

function ignore(): void {
  // Stands where no read is under way.
}
