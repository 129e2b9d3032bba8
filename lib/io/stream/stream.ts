import { check, closedError, illegalConstructor, invalidType } from '../../errors';
import { native } from '../../native';
import { refuseOwned } from '../../raw/owned-fd';
import { integer, MOST_FD, type Source } from '../../validate';
import { type Address, localAddress, remoteAddress } from '../address';
import { Channel } from '../channel';
import { type Credentials, peerCredentials } from '../credentials';
import { tellClose } from '../diagnostics';
import { pipeTo, type PipeOptions } from './pipe-to';
import { Reader } from './reader';
import { Reading } from './reading';
import { sendFile, type SendFileOptions } from './send-file';
import { takeOver } from '../take-over';
import { transportOf } from './transport';
import { Writing } from './writing';

/** @internal What a stream is made of. */
export interface StreamParts {
  readonly channel: Channel;
  readonly reading: Reading;
  readonly writing: Writing;
}

/** @internal For who builds on a stream without a promise for each read and write. */
export let partsOf: (stream: Stream) => StreamParts;

/**
 * A stream of bytes over a connected socket, or, by `fromFd`, over anything else that carries bytes.
 * No read or write runs in the background. Backpressure is awaiting `write`. A stream that nobody
 * waits for does not keep the process alive.
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

  /** @hidden Stays in the declarations: without it they have one that takes nothing. */
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
    channel.serve(this);
  }

  /**
   * A stream over a descriptor that is open already: a pipe or FIFO, a terminal or either side of a
   * pseudo-terminal, a serial line or another character device, a connected stream socket, anything
   * that can be waited for. The stream owns it from then on, and closes it.
   *
   * It is made close-on-exec, and non-blocking; closing the stream, and the end of the process, make
   * it blocking again if it was, since the open file may be shared with other processes. One that
   * is refused is left as it is.
   * @throws `EBADF`; `EPERM` for what cannot be waited for, such as regular files; `ERR_BUSY` for a
   * descriptor of another handle of this thread; `ERR_INVALID_ARG_VALUE` for sockets of messages
   * and for multiplexers: what has the number 3 in Node where no descriptor was passed
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
    // Whether it can be waited for is known when it has been tried.
    const problem = stream.#channel.park();
    if (problem !== null) throw problem;
    takeOver(fd);
    return stream;
  }

  /** -1 once closed. */
  get fd(): number {
    return this.#channel.fd;
  }

  /** What the kernel has taken. */
  get bytesWritten(): number {
    return this.#writing.bytesWritten;
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
   * Resolves when the kernel has taken all of it. Several writes may be under way: they go out in
   * the order of the calls. The bytes must not change until then. One that nobody awaits fails all the
   * same when the peer has gone: an unhandled rejection, which ends the process.
   * @param chunk bytes, or a string that is sent as UTF-8
   * @param offset of the first byte to send, and `length`: how many. `write(buffer, 0, n)` sends what
   * `read(buffer)` returned without making a view of it.
   * @throws `EPIPE`, `ECONNRESET`, `ERR_CLOSED` when the stream is closed before
   */
  write(chunk: Uint8Array | string, offset?: number, length?: number): Promise<void> {
    return this.#writing.write(chunk, offset, length);
  }

  /**
   * Writes all chunks, one behind the other, in one system call where the kernel takes them at once.
   * Resolves when it has taken all of them; in order with other writes. The bytes must not change
   * until then: should a chunk be detached while it waits, it and those behind it are not sent.
   * @throws like `write`; nothing is sent when one of the chunks is none
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
   * Writes what the kernel takes, without waiting: how many bytes, -1 when it takes none (then
   * `writable(stream)` of iomux tells when it does). For a loop of one's own over `Poller`, `Epoll`
   * or `select`.
   * @throws `ERR_BUSY` while a `write` is under way, whose bytes come first; otherwise like `write`
   */
  tryWrite(chunk: Uint8Array | string): number {
    return this.#writing.tryWrite(chunk);
  }

  /**
   * Sends the end of the stream after what was written before; the other side can go on sending.
   * The writing end of a pipe is closed by that, since nothing else would tell. Twice is once.
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
   * Sends a file, or a part of it, by sendfile(2): the bytes do not come into the process. In order
   * with writes. The source is not closed, and must stay open until it is over. What sendfile(2) cannot
   * do is copied: a pipe or a device as a source (which has no `offset`, and loses what was read when it
   * fails), some filesystems. Closing the stream does not wait for a pipe or a device, which may have no
   * end: that is rejected with `ERR_CLOSED`.
   *
   * The thread waits for the disk where the file is not in memory, for at most 256 KiB in one turn of
   * the event loop.
   * @param source a descriptor, or an object that has one: a `FileHandle`
   * @returns how many bytes were sent: fewer than `length` where the file ends before
   * @throws `EBADF`, `EISDIR`, `ESPIPE` and others of the source; `EPIPE`, `ECONNRESET`; `ERR_CLOSED`;
   * the signal's reason; `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`. Some of it may have been sent by then,
   * which `bytesWritten` tells.
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
   * Hands everything this stream receives on to another one, up to its end, and then shuts down the
   * other's write side (not with `end: false`, which terminals need: they have no such end). A short
   * message is one recv(2) and one send(2); what comes faster is moved by splice(2) where the system
   * has it, two calls for up to 256 KiB that are never copied. Nothing is read faster than the
   * destination takes it. `stream.pipeTo(stream)` is an echo.
   *
   * Meanwhile every read of this stream is `ERR_BUSY`. Writes of the destination that were begun before
   * go out before, and those begun meanwhile at its end, before the write side is shut down. Closing
   * either stream does not wait for it: it is rejected with `ERR_CLOSED`.
   *
   * When it fails, both streams stay open, and what has been taken from this one and was not delivered
   * can be read from it. The `fd` of the error is that of the end that failed. A destination whose peer
   * has gone is noticed with the next bytes for it.
   * @returns how many bytes were handed on
   * @throws `ERR_BUSY` while a read is under way, `ERR_CLOSED`, the signal's reason, the errors of either
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
   * Closes the stream after what was written before has been handed to the kernel: at once, where it
   * has been. A read that is under way is rejected with `ERR_CLOSED`. Closing twice is closing once.
   *
   * A connection with input that nobody has read is reset by Linux when it is closed, and so is one that
   * gets more afterwards: what the peer has not received by then is lost. Where it may have sent more
   * than was read, tell it the end, and read its own, with a limit, before closing.
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

  /** Whether it was closed to end it. */
  get #closedByEnd(): boolean {
    return this.#ended && this.#channel.transport.endsByClosing;
  }

  async #close(): Promise<void> {
    this.#reading.close();
    const writes = this.#writing.close();
    if (writes !== null) await writes;
    this.destroy();
  }

  /** Closes the stream now. Whatever is under way is rejected with `reason`, or `ERR_CLOSED`. */
  destroy(reason?: Error): void {
    const { fd } = this;
    if (fd === -1) return;
    this.#reading.close(reason);
    this.#writing.destroy(reason);
    this.#channel.close();
    tellClose(this, fd, reason);
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

  /** The same as `close`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  // For the channel; see ChannelUser.

  /** @internal */
  onReadable(): void {
    this.#reading.onReadable();
  }

  /** @internal */
  onWritable(): void {
    this.#writing.resume();
  }

  /** @internal */
  onAbandon(reason: Error): void {
    this.destroy(reason);
  }
}
