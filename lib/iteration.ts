import { addAbortCallback, removeAbortCallback } from './abort-callbacks';

export const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };
const LEFT = Symbol('the loop was left');

/**
 * An iterator for `for await`. Unlike the `return` of an async generator, `return` ends a pending `next`, which
 * would otherwise take a value that nobody receives.
 */
export class Iteration<T> implements AsyncIterableIterator<T, undefined> {
  readonly #take: (ending: AbortSignal) => Promise<T | null>;
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#ending.abort(this.#signal?.reason);
  #listens = false;
  #over = false;

  /**
   * `take` resolves with the next value, or with `null` after the last one. It must reject when `ending`
   * aborts, which happens when the loop is left or has failed, or when the user's `signal` aborts.
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

  /** Called by the first `next`, so that an iteration that is not begun leaves no listener on the signal. */
  #listen(): void {
    if (this.#listens) return;
    this.#listens = true;
    // While there is one callback, those of the single steps cost little.
    addAbortCallback(this.#ending.signal, ignore);
    const signal = this.#signal;
    if (signal?.aborted === true) this.#onAbort();
    else addAbortCallback(signal, this.#onAbort);
  }

  #end(): void {
    this.#over = true;
    removeAbortCallback(this.#signal, this.#onAbort);
    this.#ending.abort(LEFT);
  }
}

/** Iterates over `next`, until the source is closed, in which case `next` rejects, or until it is `null`. */
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

function ignore(): void {
  // The steps have callbacks of their own.
}
