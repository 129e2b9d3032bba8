import { reactor } from '../reactor/default';
import { Waiters } from '../waiters';

/**
 * A queue of events without a receiver, or of receivers without an event: never both. A receiver keeps the
 * process alive, unless `unref` was called.
 */
export class EventQueue<E> {
  #events: E[] = [];
  #next = 0;
  readonly #waiters = new Waiters<E | null>((change) => {
    if (this.#referenced) reactor.keepAlive(change);
  });
  #referenced = true;

  /** How many events are queued. */
  get length(): number {
    return this.#events.length - this.#next;
  }

  /** Whether there is a receiver. */
  get awaited(): boolean {
    return this.#waiters.size > 0;
  }

  push(event: E): void {
    if (!this.#waiters.resolveFirst(event)) this.#events.push(event);
  }

  /** Takes the oldest event; there must be one. */
  shift(): E {
    const event = this.#events[this.#next++];
    // Taken events are cut off once they are half of the array, so that each one is moved at most once.
    if (this.#next * 2 >= this.#events.length) {
      this.#events = this.#events.slice(this.#next);
      this.#next = 0;
    }
    return event;
  }

  /** The next event that is pushed; `null` when there will be none. */
  wait(signal: AbortSignal | undefined): Promise<E | null> {
    return this.#waiters.wait(signal);
  }

  /** There will be no more events: receivers get `null`. */
  end(): void {
    this.#waiters.resolveAll(null);
  }

  fail(reason: unknown): void {
    this.#waiters.rejectAll(reason);
  }

  clear(): void {
    this.#events = [];
    this.#next = 0;
  }

  ref(): void {
    if (!this.#referenced) reactor.keepAlive(this.#waiters.size);
    this.#referenced = true;
  }

  unref(): void {
    if (this.#referenced) reactor.keepAlive(-this.#waiters.size);
    this.#referenced = false;
  }
}
