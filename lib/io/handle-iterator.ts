import { DONE } from '../iteration';

/** What a `HandleIterator` iterates over. */
interface Iterated<T> {
  next(iterator: object): Promise<IteratorResult<T, undefined>>;
  /** Ends a pending `next` of this iterator, which takes nothing. */
  leave(iterator: object): void;
}

/**
 * The iterator of a stream or a datagram socket. Uses no signal, which would cost more than a datagram. A class,
 * since closures would take memory for as long as the connection lives.
 */
export class HandleIterator<T> implements AsyncIterableIterator<T, undefined> {
  readonly #iterated: Iterated<T>;
  #done = false;

  constructor(iterated: Iterated<T>) {
    this.#iterated = iterated;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return this.#done ? Promise.resolve(DONE) : this.#iterated.next(this);
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    if (!this.#done) this.#iterated.leave(this);
    this.#done = true;
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
