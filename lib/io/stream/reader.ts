import { constants } from 'node:buffer';
import { type Abortable, integer, options } from '../../validate';
import { HandleIterator } from '../handle-iterator';
import type { Reading } from './reading';
import { type Separators, SeparatorSearch } from './separators';
import { SocketHandle } from '../socket-handle';
import { all, exactly, line, peeked, some, until } from './takes';

const MOST_BYTES = constants.MAX_LENGTH;
const LIMIT = 65536;

/** Limits how much a read may take. */
export interface LimitOptions extends Abortable {
  /** In bytes. */
  readonly limit?: number | undefined;
}

/**
 * The reading half of a stream. Only one read may be pending at a time; a second one, of any kind,
 * fails with `ERR_BUSY`. Bytes that arrived before the end, or before a reset, are delivered first.
 *
 * `read(into)` receives into the caller's buffer. The other methods receive up to 64 KiB at once, and
 * keep what is left over for the next read of any kind. Every read takes a signal; an aborted read
 * consumes no bytes.
 *
 * All of them reject with `ERR_BUSY`, `ERR_CLOSED`, the signal's reason, or an error of the system
 * (`ECONNRESET` and others).
 */
export abstract class Reader extends SocketHandle implements AsyncIterable<Buffer> {
  readonly #reading: Reading;

  /** @internal */
  constructor(reading: Reading) {
    super();
    this.#reading = reading;
  }

  /** How many bytes have been received, whether or not they have been read. */
  get bytesRead(): number {
    return this.#reading.bytesRead;
  }

  /**
   * Reads what is available into `into`, waiting for at least one byte. The buffer may be written to
   * until the promise settles. This is one recv(2), which allocates nothing and buffers nothing.
   * @returns how many bytes were read; 0 at the end of the stream
   */
  read(into: Uint8Array, o?: Abortable): Promise<number> {
    return this.#reading.read(into, o);
  }

  /**
   * Reads what is available, without waiting. For your own loop over `Poller`, `Epoll` or `select`.
   * @returns how many bytes were read; 0 at the end of the stream; -1 when there is nothing to read
   * (`readable(stream)` of iomux resolves when there is)
   * @throws like `read`
   */
  tryRead(into: Uint8Array): number {
    return this.#reading.tryRead(into);
  }

  /**
   * Reads what is available, waiting for at least one byte; at most `max` bytes, and never more than
   * 64 KiB. `null` at the end.
   *
   * @example
   * ```js
   * for (let chunk; (chunk = await stream.readSome()) !== null;) process.stdout.write(chunk);
   * ```
   */
  readSome(max?: number, o?: Abortable): Promise<Buffer | null> {
    return this.#reading.start(o, () =>
      some(max === undefined ? MOST_BYTES : integer('max', max, 1, MOST_BYTES)),
    );
  }

  /**
   * Reads exactly `count` bytes.
   * @throws `ERR_INCOMPLETE` when the stream ends early, with the bytes received (`partial`) and
   * `expected`
   *
   * @example
   * ```js
   * const length = (await stream.readExactly(4)).readUInt32BE();
   * const message = await stream.readExactly(length);
   * ```
   */
  readExactly(count: number, o?: Abortable): Promise<Buffer> {
    return this.#reading.start(o, () => exactly(integer('count', count, 0, MOST_BYTES)));
  }

  /**
   * Reads up to and including the first separator. If several separators match at the same place, the
   * longest wins: where one is a prefix of another, the read waits for what follows.
   * @throws `ERR_LIMIT` when more than `limit` bytes (64 KiB by default) come before the separator, and
   * stay readable; `ERR_INCOMPLETE` when the stream ends early, with the bytes received (`partial`)
   *
   * @example
   * ```js
   * const head = await stream.readUntil('\r\n\r\n', { limit: 16384 });
   * ```
   */
  readUntil(separators: Separators, o?: LimitOptions): Promise<Buffer> {
    return this.#reading.start(o, () => until(new SeparatorSearch(separators), limitOf(o, LIMIT)));
  }

  /**
   * Reads the next line as UTF-8, without its LF or CRLF. The last line may lack the line break; after
   * it comes `null`.
   * @throws `ERR_LIMIT` when the line is longer than `limit` bytes (64 KiB by default), which stay readable
   *
   * @example
   * ```js
   * for (let line; (line = await stream.readLine()) !== null;) console.log(line);
   * ```
   */
  readLine(o?: LimitOptions): Promise<string | null> {
    return this.#reading.start(o, () => line(limitOf(o, LIMIT)));
  }

  /**
   * Reads everything up to the end of the stream.
   * @throws `ERR_LIMIT` when that is more than `limit` bytes (no limit by default), which stay readable
   */
  readAll(o?: LimitOptions): Promise<Buffer> {
    return this.#reading.start(o, () => all(limitOf(o, MOST_BYTES)));
  }

  /**
   * Returns the next `count` bytes, which stay readable; fewer only if the stream ends early, and `null`
   * at the end. Without `count`, returns what is available, waiting for at least one byte.
   */
  peek(count?: number, o?: Abortable): Promise<Buffer | null> {
    return this.#reading.start(o, () =>
      count === undefined
        ? peeked(1, MOST_BYTES)
        : peeked(integer('count', count, 1, MOST_BYTES), count),
    );
  }

  /**
   * Iterates over chunks of up to 64 KiB until the end. Leaving the loop early does not close the
   * stream, and loses nothing: the next read continues from there.
   *
   * @example
   * ```js
   * for await (const chunk of stream) process.stdout.write(chunk);
   * ```
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer, undefined> {
    return new HandleIterator(this.#reading);
  }
}

function limitOf(o: LimitOptions | undefined, standard: number): number {
  const { limit = standard } = options(o);
  return integer('options.limit', limit, 0, MOST_BYTES);
}
