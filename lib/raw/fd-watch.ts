import type { NativeWatch } from '../addon';
import { check, closedError } from '../errors';
import { Waiters } from '../waiters';

/** After how many results the event loop gets a turn: a loop over settled promises would starve it. */
const TURN = 32;

/**
 * Promises for the readability of the multiplexer behind a raw handle or a poller. The native watch is created
 * for the first wait and kept. A pending wait keeps the process alive, unless `unref` was called.
 */
export class FdWatch {
  readonly #what: string;
  readonly #open: () => NativeWatch;
  readonly #waiters = new Waiters<void>(() => {
    if (this.#waiters.size === 0) this.#watch?.stop();
  });
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
    if (this.#closed) return Promise.reject(closedError(this.#what));
    const waiting = this.#waiters.wait(signal);
    this.#start(descriptors);
    return waiting;
  }

  /** To be called when the descriptors have changed, or the watched multiplexer was replaced. */
  restart(descriptors?: Int32Array): void {
    this.#watch?.stop();
    this.#start(descriptors);
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
    this.#waiters.rejectAll(closedError(this.#what));
    this.#watch?.close();
    this.#watch = undefined;
  }

  /** Rejects the pending waits if it fails. */
  #start(descriptors: Int32Array | undefined): void {
    if (this.#waiters.size === 0) return;
    const onWake = (): void => {
      this.#left = TURN;
      this.#waiters.resolveAll();
    };
    try {
      if (this.#watch === undefined) {
        this.#watch = this.#open();
        if (!this.#referenced) this.#watch.unref();
      }
      check(this.#watch.start(onWake, descriptors), 'uv_poll_start');
    } catch (error) {
      this.#waiters.rejectAll(error);
    }
  }
}
