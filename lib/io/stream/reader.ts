import { constants } from 'node:buffer';
import { type Abortable, integer, options } from '../../validate';
import { Chunks } from './chunks';
import type { Reading } from './reading';
import { type Separators, SeparatorSearch } from './separators';
import { SocketHandle } from '../socket-handle';
import { all, exactly, line, next, some, until, waiting } from './takes';

const MOST_BYTES = constants.MAX_LENGTH;
const LIMIT = 65536;

/** How much is read at most. */
export interface LimitOptions extends Abortable {
  /** In bytes. */
  readonly limit?: number;
}

/**
 * The reading half of a stream. One read may be under way at a time; another one, of whatever kind,
 * is `ERR_BUSY` (whose bytes would be whose?). Bytes that came before the end, or before a reset, are
 * delivered before it.
 *
 * `read(into)` receives into the caller's buffer. The others receive up to 64 KiB at once, and keep
 * what is left over for the next read, of whatever kind. Every read takes a signal: aborting it takes
 * no bytes.
 *
 * All are rejected with `ERR_BUSY`, `ERR_CLOSED`, the signal's reason, and the errors of the system
 * (`ECONNRESET` and others).
 */
export abstract class Reader extends SocketHandle implements AsyncIterable<Buffer> {
  readonly #reading: Reading;

  /** @internal */
  constructor(reading: Reading) {
    super();
    this.#reading = reading;
  }

  /** What has been received, whether or not it has been read. */
  get bytesRead(): number {
    return this.#reading.bytesRead;
  }

  /**
   * Reads what is there into `into`, waiting for at least one byte. The bytes may be written until
   * the promise is settled. It is one recv(2), allocates nothing and keeps nothing.
   * @returns how many bytes; 0 at the end of the stream
   */
  read(into: Uint8Array, o?: Abortable): Promise<number> {
    return this.#reading.read(into, o);
  }

  /**
   * Reads what is there, without waiting: how many bytes, 0 at the end of the stream, -1 when there
   * is nothing (then `readable(stream)` of iomux tells when there is). For a loop of one's own over
   * `Poller`, `Epoll` or `select`.
   * @throws like `read`
   */
  tryRead(into: Uint8Array): number {
    return this.#reading.tryRead(into);
  }

  /**
   * What is there, waiting for at least one byte; at most `max` bytes, and 64 KiB. `null` at the end.
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
   * The next `count` bytes, all of them.
   * @throws `ERR_INCOMPLETE` when the stream ends before, with the bytes that came (`partial`) and
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
   * Everything up to the first separator, and the separator. Of several that begin at the same place,
   * the longest is meant: where one is the beginning of another one, what follows is waited for.
   * @throws `ERR_LIMIT` when more than `limit` bytes (64 KiB by default) come before it: they stay
   * readable; `ERR_INCOMPLETE` when the stream ends before, with the bytes that came (`partial`)
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
   * The next line as UTF-8, without its LF or CRLF. The last one may have no ending; `null` after it.
   * @throws `ERR_LIMIT` when it is longer than `limit` bytes (64 KiB by default): they stay readable
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
   * Everything up to the end of the stream.
   * @throws `ERR_LIMIT` when that is more than `limit` bytes (no limit by default): they stay readable
   */
  readAll(o?: LimitOptions): Promise<Buffer> {
    return this.#reading.start(o, () => all(limitOf(o, MOST_BYTES)));
  }

  /**
   * The next `count` bytes, which stay readable; fewer only where the stream ends before, and `null`
   * at the end. Without `count`: what is there, waiting for at least one byte.
   */
  peek(count?: number, o?: Abortable): Promise<Buffer | null> {
    return this.#reading.start(o, () =>
      count === undefined ? waiting() : next(integer('count', count, 1, MOST_BYTES)),
    );
  }

  /**
   * What comes, in pieces of up to 64 KiB, until the end. Leaving the loop early does not close the
   * stream, and loses nothing: the next read goes on where it stopped.
   *
   * @example
   * ```js
   * for await (const chunk of stream) process.stdout.write(chunk);
   * ```
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer, undefined> {
    return new Chunks(this.#reading);
  }
}

function limitOf(o: LimitOptions | undefined, standard: number): number {
  const { limit = standard } = options(o);
  return integer('options.limit', limit, 0, MOST_BYTES);
}
