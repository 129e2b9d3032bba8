import { addAbortCallback, removeAbortCallback } from '../abort-callbacks';
import type { NativeWatch } from '../addon';
import { check, closedError } from '../errors';

/** After how many results the event loop gets a turn: a loop over settled promises would starve it. */
const TURN = 32;

interface Waiter {
  resolve: () => void;
  reject: (reason: unknown) => void;
}

/**
 * Promises for the readability of the multiplexer behind a raw handle or a poller. The native watch is created
 * for the first wait and kept. A pending wait keeps the process alive, unless `unref` was called.
 */
export class FdWatch {
  readonly #what: string;
  readonly #open: () => NativeWatch;
  readonly #waiters = new Set<Waiter>();
  #watch: NativeWatch | undefined;
  #referenced = true;
  #closed = false;
  #left = TURN;

  constructor(what: string, open: () => NativeWatch) {
    this.#what = what;
    this.#open = open;
  }

  /** Whether the caller may look for events at once. Otherwise it has to `wait`, even if there are some. */
  takeTurn(): boolean {
    return --this.#left >= 0;
  }

  /** Resolves when the descriptor is readable. `descriptors` is for a watch of several, see Native. */
  wait(signal: AbortSignal | undefined, descriptors?: Int32Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw closedError(this.#what);
      const finish = (): void => {
        removeAbortCallback(signal, onAbort);
        this.#waiters.delete(waiter);
        if (this.#waiters.size === 0) this.#watch?.stop();
      };
      const waiter: Waiter = {
        resolve: () => {
          finish();
          resolve();
        },
        reject: (reason) => {
          finish();
          reject(reason);
        },
      };
      const onAbort = (): void => {
        waiter.reject(signal?.reason);
      };
      addAbortCallback(signal, onAbort);
      this.#waiters.add(waiter);
      try {
        this.#start(descriptors);
      } catch (error) {
        waiter.reject(error);
      }
    });
  }

  /** To be called when the descriptors have changed, or the watched multiplexer was replaced. */
  restart(descriptors?: Int32Array): void {
    if (this.#waiters.size === 0) return;
    this.#watch?.stop();
    try {
      this.#start(descriptors);
    } catch (error) {
      this.#rejectAll(error);
    }
  }

  ref(): void {
    this.#referenced = true;
    this.#watch?.ref();
  }

  unref(): void {
    this.#referenced = false;
    this.#watch?.unref();
  }

  /** Rejects pending waits with `ERR_CLOSED`. */
  close(): void {
    this.#closed = true;
    this.#rejectAll(closedError(this.#what));
    this.#watch?.close();
    this.#watch = undefined;
  }

  #start(descriptors: Int32Array | undefined): void {
    if (this.#watch === undefined) {
      this.#watch = this.#open();
      if (!this.#referenced) this.#watch.unref();
    }
    const onWake = (): void => {
      this.#left = TURN;
      for (const waiter of [...this.#waiters]) waiter.resolve();
    };
    check(this.#watch.start(onWake, descriptors), 'uv_poll_start');
  }

  #rejectAll(reason: unknown): void {
    for (const waiter of [...this.#waiters]) waiter.reject(reason);
  }
}
