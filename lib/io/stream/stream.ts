import { check, closedError, illegalConstructor, invalidType } from '../../errors';
import { native } from '../../native';
import { refuseOwned } from '../../raw/owned-fd';
import { integer, MOST_FD, type Source } from '../../validate';
import { type Address, localAddress, remoteAddress } from '../address';
import { Channel, onAbandon, onReadable, onWritable } from '../channel';
import { type Credentials, peerCredentials } from '../credentials';
import { publishClose } from '../diagnostics';
import { pipeTo, type PipeOptions } from './pipe-to';
import { Reader } from './reader';
import { Reading } from './reading';
import { sendFile, type SendFileOptions } from './send-file';
import { takeOver } from '../take-over';
import { transportOf } from './transport';
import { Writing } from './writing';

/** @internal The parts of a stream. */
export interface StreamParts {
  readonly channel: Channel;
  readonly reading: Reading;
  readonly writing: Writing;
}

/** @internal For code that reads and writes without a promise for each call. */
export let partsOf: (stream: Stream) => StreamParts;

/**
 * A stream of bytes over a connected socket or, with `fromFd`, over anything else that carries bytes.
 * No read or write runs in the background. Awaiting `write` is the backpressure. A stream with no
 * pending call does not keep the process alive.
 *
 * @example
 * ```js
 * import { connect } from 'iomux/net';
 * const stream = await connect({ port: 7 });
 * await stream.write('hello');
 * const buffer = Buffer.alloc(1024);
 * console.log(buffer.toString('utf8', 0, await stream.read(buffer)));
 * await stream.close();
 * ```
 */
export class Stream extends Reader {
  readonly #channel: Channel;
  readonly #reading: Reading;
  readonly #writing: Writing;
  #ended = false;
  #closed: Promise<void> | undefined;

  static {
    partsOf = (stream) => ({
      channel: stream.#channel,
      reading: stream.#reading,
      writing: stream.#writing,
    });
  }

  /**
   * @hidden Part of the declarations, which
   * would otherwise have a constructor without parameters.
   */
  constructor(channel: Channel) {
    if (!(channel instanceof Channel)) {
      throw illegalConstructor('connect(), listener.accept() or Stream.fromFd()');
    }
    const reading = new Reading(channel);
    const writing = new Writing(channel);
    super(reading);
    this.#channel = channel;
    this.#reading = reading;
    this.#writing = writing;
    channel.setUser(this);
  }

  /**
   * Creates a stream over an open descriptor: a pipe or FIFO, a terminal or either side of a
   * pseudo-terminal, a serial line or another character device, a connected stream socket, or anything
   * else that can be waited for. The stream owns the descriptor from then on, and closes it.
   *
   * The descriptor is made close-on-exec and non-blocking. If it was blocking, it is made so again when
   * the stream is closed or the process ends, since other processes may share the open file. A
   * descriptor that is refused is left unchanged.
   * @throws `EBADF`; `EPERM` if it cannot be waited for, such as a regular file; `ERR_BUSY` if it belongs
   * to another handle, of any thread; `ERR_INVALID_ARG_VALUE` for a message socket, and for a
   * multiplexer (in Node, number 3 is one unless a descriptor was passed there)
   *
   * @example
   * ```js
   * import { Stream } from 'iomux/net';
   * const input = Stream.fromFd(0);
   * for (let line; (line = await input.readLine()) !== null;) console.log(line.length);
   * ```
   */
  static fromFd(fd: number): Stream {
    integer('fd', fd, 0, MOST_FD);
    refuseOwned(fd);
    const stream = new Stream(new Channel(fd, transportOf(fd)));
    // Only an attempt shows whether the descriptor can be waited for.
    const problem = stream.#channel.park();
    if (problem !== null) throw problem;
    takeOver(fd);
    return stream;
  }

  /** -1 once closed. */
  get fd(): number {
    return this.#channel.fd;
  }

  /** How many bytes the kernel has taken. */
  get bytesWritten(): number {
    return this.#channel.bytesWritten;
  }

  /** `null` once closed. */
  get localAddress(): Address | null {
    return this.closed ? null : localAddress(this.fd);
  }

  /** `null` once closed or reset. */
  get remoteAddress(): Address | null {
    return this.closed ? null : remoteAddress(this.fd);
  }

  /** Who is at the other end of a Unix socket; `null` for anything else, and once closed. */
  get peerCredentials(): Credentials | null {
    return this.closed ? null : peerCredentials(this.fd);
  }

  /**
   * Writes a chunk, and resolves when the kernel has taken all of it. The bytes must not change until
   * then. Several writes may be pending: they are sent in the order of the calls. Await every write: if
   * the peer has gone, the rejection of one that nobody awaits ends the process.
   * @param chunk bytes, or a string that is sent as UTF-8
   * @param offset of the first byte to send; `length` is how many. `write(buffer, 0, n)` sends what
   * `read(buffer)` has read, without creating a view.
   * @throws `EPIPE`, `ECONNRESET`; `ERR_CLOSED` when the stream is closed before
   */
  write(chunk: Uint8Array | string, offset?: number, length?: number): Promise<void> {
    return this.#writing.write(chunk, offset, length);
  }

  /**
   * Writes all chunks, one after the other, with one system call if the kernel takes them at once.
   * Resolves when it has taken all of them; in order with other writes. The bytes must not change
   * until then. If a chunk is detached while it waits, it and the chunks after it are not sent.
   * @throws like `write`; nothing is sent when one of the chunks is neither bytes nor a string
   *
   * @example
   * ```js
   * await stream.writev([`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`, body]);
   * ```
   */
  writev(chunks: Iterable<Uint8Array | string>): Promise<void> {
    return this.#writing.writev(chunks);
  }

  /**
   * Writes what the kernel takes, without waiting. For your own loop over `Poller`, `Epoll` or `select`.
   * @returns how many bytes were written; -1 when the kernel takes none (`writable(stream)` of iomux
   * resolves when it does)
   * @throws `ERR_BUSY` while a `write` is pending, whose bytes come first; otherwise like `write`
   */
  tryWrite(chunk: Uint8Array | string): number {
    return this.#writing.tryWrite(chunk);
  }

  /**
   * Sends the end of the stream after all earlier writes; the other side can continue sending. For the
   * writing end of a pipe this closes it, since a pipe has no other way to signal the end. A second call
   * has no effect.
   * @throws like `write`; `ENOTCONN` once reset; `ENOTSOCK` for terminals and devices, which have no such end
   */
  async shutdown(): Promise<void> {
    const writes = this.#closedByEnd ? null : this.#writing.drained();
    this.#writing.end(true);
    try {
      if (writes !== null) await writes;
      if (this.#closedByEnd) return;
      if (this.closed) throw closedError('stream');
      if (this.#channel.transport.endsByClosing) this.destroy();
      else if (!this.#ended) check(native.shutdown(this.fd, native.SHUT_WR), 'shutdown', this.fd);
      this.#ended = true;
    } catch (error) {
      this.#writing.end(this.#ended);
      throw error;
    }
  }

  /**
   * Sends a file, or a part of it, with sendfile(2), so the bytes never enter the process. In order with
   * writes. The source is not closed, and must stay open until the promise settles. Where sendfile(2)
   * does not work, the bytes are copied: on some filesystems, and from a pipe or a device (which has no
   * `offset`, and loses what was read if sending fails). Closing the stream does not wait for a pipe or
   * a device, since it may never end: that `sendFile` rejects with `ERR_CLOSED`.
   *
   * If the file is not in memory, the thread waits for the disk, for at most 256 KiB per turn of the
   * event loop.
   * @param source a descriptor, or an object with one, such as a `FileHandle`
   * @returns how many bytes were sent: fewer than `length` if the file ends early
   * @throws `EBADF`, `EISDIR`, `ESPIPE` and others of the source; `EPIPE`, `ECONNRESET`; `ERR_CLOSED`;
   * the signal's reason; `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`. A part may have been sent by then;
   * see `bytesWritten`.
   *
   * @example
   * ```js
   * const file = await open('index.html'); // of node:fs/promises
   * await stream.sendFile(file);
   * await file.close();
   * ```
   */
  sendFile(source: Source, o?: SendFileOptions): Promise<number> {
    return sendFile(source, this.#writing, o);
  }

  /**
   * Forwards everything that this stream receives to another one until the end, and then shuts down the
   * other's write side (unless `end: false`, which terminals need, as they have no such end). A short
   * message takes one recv(2) and one send(2). Faster data is moved by splice(2) where the system has
   * it, two calls for up to 256 KiB without a copy. Nothing is read faster than the destination takes
   * it. `stream.pipeTo(stream)` is an echo.
   *
   * Meanwhile every read of this stream fails with `ERR_BUSY`. Writes to the destination that were
   * started earlier are sent first; those started meanwhile are sent after the forwarded bytes, before
   * the write side is shut down. Closing either stream does not wait: the promise rejects with `ERR_CLOSED`.
   *
   * After a failure, both streams stay open, and the bytes taken from this one but not delivered can
   * still be read from it. The `fd` of the error is the one that failed. If the peer of the destination
   * has gone, this is noticed with the next bytes sent to it.
   * @returns how many bytes were forwarded
   * @throws `ERR_BUSY` while a read is pending, `ERR_CLOSED`, the signal's reason, the errors of either
   * end (`ECONNRESET`, `EPIPE`), `ERR_INVALID_ARG_TYPE`
   *
   * @example
   * ```js
   * await Promise.all([client.pipeTo(server), server.pipeTo(client)]);
   * ```
   */
  async pipeTo(destination: Stream, o?: PipeOptions): Promise<number> {
    if (!(destination instanceof Stream)) {
      throw invalidType('destination', 'an instance of Stream', destination);
    }
    return pipeTo(this.#reading, destination.#writing, () => destination.shutdown(), o);
  }

  /**
   * Closes the stream once the kernel has taken all earlier writes: immediately, if it has. A pending
   * read is rejected with `ERR_CLOSED`. A second call has no further effect.
   *
   * Linux resets a connection that is closed with unread input, or that receives more afterwards: bytes
   * that the peer has not received by then are lost. If the peer may have sent more than you have read,
   * call `shutdown`, and read to the end, with a limit, before closing.
   *
   * @example
   * ```js
   * await stream.write('too large\n');
   * await stream.shutdown();
   * await stream.readAll({ limit: 1 << 20, signal: AbortSignal.timeout(2000) }).catch(() => undefined);
   * await stream.close();
   * ```
   */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  /** Whether `shutdown` closed it, as it does for the writing end of a pipe. */
  get #closedByEnd(): boolean {
    return this.#ended && this.#channel.transport.endsByClosing;
  }

  async #close(): Promise<void> {
    this.#reading.close();
    const writes = this.#writing.close();
    if (writes !== null) await writes;
    this.destroy();
  }

  /** Closes the stream immediately. Pending calls are rejected with `reason`, or `ERR_CLOSED`. */
  destroy(reason?: Error): void {
    const { fd } = this;
    if (fd === -1) return;
    this.#reading.close(reason);
    this.#writing.destroy(reason);
    this.#channel.close();
    publishClose(this, fd, reason);
  }

  /** A pending read or write keeps the process alive (the default). */
  ref(): this {
    this.#channel.ref();
    return this;
  }

  /** A pending read or write does not keep the process alive. */
  unref(): this {
    this.#channel.unref();
    return this;
  }

  /** The same as `close`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  // For the channel; see ChannelUser.

  /** @internal */
  [onReadable](): void {
    this.#reading.onReadable();
  }

  /** @internal */
  [onWritable](): void {
    this.#writing.resume();
  }

  /** @internal */
  [onAbandon](reason: Error): void {
    this.destroy(reason);
  }
}
