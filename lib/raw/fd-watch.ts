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
  readonly #descriptors: (() => Int32Array) | undefined;
  readonly #waiters = new Waiters<void>(() => {
    if (this.#waiters.size === 0) this.#watch?.stop();
  });
  #watch: NativeWatch | undefined;
  #referenced = true;
  #closed = false;
  #left = TURN;

  /** `descriptors` lists what a watch of several descriptors watches, see Native. */
  constructor(what: string, open: () => NativeWatch, descriptors?: () => Int32Array) {
    this.#what = what;
    this.#open = open;
    this.#descriptors = descriptors;
  }

  /** Whether the caller may look for events at once. Otherwise it has to `wait`, even if there are some. */
  takeTurn(): boolean {
    return --this.#left >= 0;
  }

  /** Resolves when the descriptor is readable. */
  wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#closed) return Promise.reject(closedError(this.#what));
    const waiting = this.#waiters.wait(signal);
    this.#start();
    return waiting;
  }

  /** To be called when the descriptors have changed, or the watched multiplexer was replaced. */
  restart(): void {
    if (this.#waiters.size === 0) return;
    this.#watch?.stop();
    this.#start();
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
  #start(): void {
    const onWake = (): void => {
      this.#left = TURN;
      this.#waiters.resolveAll();
    };
    try {
      if (this.#watch === undefined) {
        this.#watch = this.#open();
        if (!this.#referenced) this.#watch.unref();
      }
      check(this.#watch.start(onWake, this.#descriptors?.()), 'uv_poll_start');
    } catch (error) {
      this.#waiters.rejectAll(error);
    }
  }
}
