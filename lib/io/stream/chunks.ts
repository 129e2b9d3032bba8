import type { Reading } from './reading';
import { chunk } from './takes';

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

const takeChunk = () => chunk;

/**
 * The iterator of a stream. It lives as long as its connection, so that its methods must not be
 * closures of its own.
 */
export class Chunks implements AsyncIterableIterator<Buffer, undefined> {
  readonly #reading: Reading;
  #left = false;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  next(): Promise<IteratorResult<Buffer, undefined>> {
    return this.#left ? Promise.resolve(DONE) : this.#reading.start(undefined, takeChunk, this);
  }

  /** A `next` of its own that waits has nothing any more, and takes no bytes. */
  return(): Promise<IteratorReturnResult<undefined>> {
    if (!this.#left) this.#reading.leave(this, DONE);
    this.#left = true;
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
