import type { Reading } from './reading';
import { chunk } from './takes';

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

const takeChunk = () => chunk;

/** The iterator of a stream. A class, since closures would take memory for as long as the connection lives. */
export class Chunks implements AsyncIterableIterator<Buffer, undefined> {
  readonly #reading: Reading;
  #done = false;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  next(): Promise<IteratorResult<Buffer, undefined>> {
    return this.#done ? Promise.resolve(DONE) : this.#reading.start(undefined, takeChunk, this);
  }

  /** Ends a pending `next`, which consumes no bytes. */
  return(): Promise<IteratorReturnResult<undefined>> {
    if (!this.#done) this.#reading.leave(this, DONE);
    this.#done = true;
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
