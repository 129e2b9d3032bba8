import { type Duplex, finished } from 'node:stream';
import { closedError, EPIPE, systemError } from '../errors';
import { Reader } from '../io/stream/reader';
import type { Stream } from '../io/stream/stream';
import { bytesOf, integer, listOf } from '../validate';
import { DuplexCarrier } from './duplex-carrier';

/** The methods of a `Stream` that a stream over a Duplex has: all that need no descriptor. */
export type StreamMethods = Pick<
  Stream,
  | 'bytesRead'
  | 'bytesWritten'
  | 'close'
  | 'closed'
  | 'destroy'
  | 'peek'
  | 'read'
  | 'readAll'
  | 'readExactly'
  | 'readLine'
  | 'readSome'
  | 'readUntil'
  | 'shutdown'
  | 'tryRead'
  | 'write'
  | 'writev'
  | typeof Symbol.asyncDispose
  | typeof Symbol.asyncIterator
>;

/** The read methods of a stream, which are the same for every carrier. */
class Reads extends Reader {
  get fd(): number {
    return -1;
  }
}

/**
 * A Node Duplex with methods of `Stream`, which behave as they do there. Created by `fromDuplex`.
 */
export class DuplexStream implements StreamMethods {
  readonly #duplex: Duplex;
  readonly #carrier: DuplexCarrier;
  readonly #reads: Reads;
  /** Rejects the writes, and the end, that the Duplex has not called back yet. */
  readonly #pending = new Set<(reason: unknown) => void>();
  #bytesWritten = 0;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(duplex: Duplex) {
    this.#duplex = duplex;
    this.#carrier = new DuplexCarrier(duplex);
    this.#reads = new Reads(this.#carrier.reading);
    // Reads and writes report errors; without a listener they would be uncaught.
    duplex.on('error', () => undefined);
    duplex.once('close', () => this.#reject());
  }

  /** Whether it has been closed, or the Duplex destroyed. */
  get closed(): boolean {
    return this.#duplex.destroyed;
  }

  /** How many bytes have been taken from the Duplex, whether or not they have been read. */
  get bytesRead(): number {
    return this.#reads.bytesRead;
  }

  /** How many bytes the Duplex has taken. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** Like `Stream.read`. */
  read(...given: Parameters<Stream['read']>): ReturnType<Stream['read']> {
    return this.#reads.read(...given);
  }

  /** Like `Stream.tryRead`. */
  tryRead(...given: Parameters<Stream['tryRead']>): ReturnType<Stream['tryRead']> {
    return this.#reads.tryRead(...given);
  }

  /** Like `Stream.readSome`. */
  readSome(...given: Parameters<Stream['readSome']>): ReturnType<Stream['readSome']> {
    return this.#reads.readSome(...given);
  }

  /** Like `Stream.readExactly`. */
  readExactly(...given: Parameters<Stream['readExactly']>): ReturnType<Stream['readExactly']> {
    return this.#reads.readExactly(...given);
  }

  /** Like `Stream.readUntil`. */
  readUntil(...given: Parameters<Stream['readUntil']>): ReturnType<Stream['readUntil']> {
    return this.#reads.readUntil(...given);
  }

  /** Like `Stream.readLine`. */
  readLine(...given: Parameters<Stream['readLine']>): ReturnType<Stream['readLine']> {
    return this.#reads.readLine(...given);
  }

  /** Like `Stream.readAll`. */
  readAll(...given: Parameters<Stream['readAll']>): ReturnType<Stream['readAll']> {
    return this.#reads.readAll(...given);
  }

  /** Like `Stream.peek`. */
  peek(...given: Parameters<Stream['peek']>): ReturnType<Stream['peek']> {
    return this.#reads.peek(...given);
  }

  /** Like that of a `Stream`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer, undefined> {
    return this.#reads[Symbol.asyncIterator]();
  }

  /**
   * Like `Stream.write`; resolves when the Duplex reports that it has passed the chunk on.
   * @throws the error of the Duplex, `EPIPE` when it has ended, `ERR_CLOSED`
   */
  write(...given: Parameters<Stream['write']>): Promise<void> {
    try {
      return this.#write(partOf(...given));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Like `Stream.writev`: passes all chunks to the Duplex at once. */
  async writev(...[chunks]: Parameters<Stream['writev']>): Promise<void> {
    const pieces = listOf('chunks', chunks).map((chunk) => bytesOf('chunk', chunk));
    this.#duplex.cork();
    const writing = pieces.map((piece) => this.#write(piece));
    this.#duplex.uncork();
    await Promise.all(writing);
  }

  /** Like `Stream.shutdown`. */
  shutdown(): Promise<void> {
    const { destroyed, writableFinished } = this.#duplex;
    // A Duplex that has ended both ways is destroyed as well; a second shutdown of it succeeds.
    const isOver = this.#closing !== undefined || (destroyed && !writableFinished);
    return isOver ? Promise.reject(this.#error ?? closedError('stream')) : this.#end();
  }

  /** Like `Stream.close`. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  /** Like `Stream.destroy`. */
  destroy(reason?: Error): void {
    this.#carrier.reading.close(reason);
    this.#duplex.destroy(reason);
    // It may not emit `close` (`emitClose: false`).
    this.#reject();
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const refused = this.#refusal();
      if (refused !== null) throw refused;
      this.#pending.add(reject);
      this.#duplex.write(bytes, (error) => {
        this.#pending.delete(reject);
        if (error != null) reject(this.#refusal() ?? error);
        else {
          this.#bytesWritten += bytes.length;
          resolve();
        }
      });
    });
  }

  /** TLS over a Duplex emits the error of that one, and is destroyed without it. */
  get #error(): Error | null {
    return this.#carrier.failure ?? this.#duplex.errored ?? null;
  }

  /** Why nothing can be written. */
  #refusal(): Error | null {
    if (this.#error !== null) return this.#error;
    const { destroyed, writableEnded } = this.#duplex;
    if (destroyed || this.#closing !== undefined) return closedError('stream');
    return writableEnded ? systemError(EPIPE, 'write') : null;
  }

  #end(): Promise<void> {
    this.#duplex.end();
    return new Promise((resolve, reject) => {
      this.#pending.add(reject);
      finished(this.#duplex, { readable: false }, (error) => {
        this.#pending.delete(reject);
        if (error == null) resolve();
        else reject(this.#error ?? closedError('stream'));
      });
    });
  }

  /** Node does not call back what is under way when a Duplex is destroyed. */
  #reject(): void {
    for (const reject of this.#pending) reject(this.#refusal() ?? closedError('stream'));
    this.#pending.clear();
  }

  async #close(): Promise<void> {
    this.#carrier.reading.close();
    // The writes that this fails have been rejected.
    if (!this.#duplex.destroyed) await this.#end().catch(() => undefined);
    this.#duplex.destroy();
  }
}

/** The bytes of `chunk`, or `length` of them from `offset` on. */
function partOf(chunk: unknown, offset?: number, length?: number): Uint8Array {
  const bytes = bytesOf('chunk', chunk);
  const from = offset === undefined ? 0 : integer('offset', offset, 0, bytes.length);
  const most = bytes.length - from;
  return bytes.subarray(
    from,
    from + (length === undefined ? most : integer('length', length, 0, most)),
  );
}
