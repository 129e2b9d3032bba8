import { addAbortCallback, removeAbortCallback } from './abort-callbacks';

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

/** Pending promises, in the order of the calls. Each ends when it is settled, or when its signal aborts. */
export class Waiters<T> {
  readonly #waiters = new Set<Waiter<T>>();
  readonly #onChange: (change: 1 | -1) => void;

  /** `onChange` is called when one of them begins (1) or ends (-1). */
  constructor(onChange: (change: 1 | -1) => void) {
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#waiters.size;
  }

  /** The signal must not have aborted yet. */
  wait(signal: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        waiter.reject(signal?.reason);
      };
      const ending =
        <V>(settle: (value: V) => void) =>
        (value: V): void => {
          removeAbortCallback(signal, onAbort);
          this.#waiters.delete(waiter);
          this.#onChange(-1);
          settle(value);
        };
      const waiter: Waiter<T> = { resolve: ending(resolve), reject: ending(reject) };
      addAbortCallback(signal, onAbort);
      this.#waiters.add(waiter);
      this.#onChange(1);
    });
  }

  /** Returns whether there was one. */
  resolveFirst(value: T): boolean {
    for (const waiter of this.#waiters) {
      waiter.resolve(value);
      return true;
    }
    return false;
  }

  resolveAll(value: T): void {
    for (const waiter of this.#waiters) waiter.resolve(value);
  }

  rejectAll(reason: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(reason);
  }
}
