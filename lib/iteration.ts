import { addAbortListener } from 'node:events';
const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };
const LEFT = Symbol('the loop was left');

/**
 * One thing after the other, for `for await`. Whoever leaves ends a `next` that waits: the `return` of an
 * async generator would wait for it, and it would take what nobody gets.
 */
export class Iteration<T> implements AsyncIterableIterator<T, undefined> {
  readonly #take: (ending: AbortSignal) => Promise<T | null>;
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#ending.abort(this.#signal?.reason);
  #listens = false;
  #over = false;

  /**
   * `take` answers with the next one, or with `null` when there will be none, and rejects when `ending`
   * aborts: which it does when the loop is left, has failed, or the user's `signal` aborts.
   */
  constructor(take: (ending: AbortSignal) => Promise<T | null>, signal?: AbortSignal) {
    this.#take = take;
    this.#signal = signal;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#over) return DONE;
    this.#listen();
    const { signal } = this.#ending;
    try {
      const value = await this.#take(signal);
      if (value !== null) return { done: false, value };
    } catch (error) {
      if (error !== LEFT) {
        this.#end();
        throw error;
      }
    }
    this.#end();
    return DONE;
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#end();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** From the first `next` on: an iteration that nobody begins leaves nothing on the signal. */
  #listen(): void {
    const signal = this.#signal;
    if (signal === undefined || this.#listens) return;
    this.#listens = true;
    if (signal.aborted) this.#onAbort();
    else addAbortListener(signal, this.#onAbort);
  }

  #end(): void {
    this.#over = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#ending.abort(LEFT);
  }
}

/** One `next` after the other, until the source is closed or has no more: then that rejects, or is `null`. */
export function untilClosed<T>(
  source: { readonly fd: number },
  next: (o: { signal: AbortSignal }) => Promise<T | null>,
): Iteration<T> {
  return new Iteration(async (signal) => {
    if (source.fd === -1) return null;
    try {
      return await next({ signal });
    } catch (error) {
      if (source.fd === -1) return null;
      throw error;
    }
  });
}
