import { removeAbortCallback } from '../abort-callbacks';
import { concerns, readinessOf } from '../poll/events';
import type { Interest } from '../poll/interest';
import type { Source } from '../validate';

/** A promise for one event of a descriptor. */
export class Waiter {
  next: Waiter | null = null;
  /** If a signal can end it. An object of its own, because most waits have none. */
  cancellation: Cancellation | null = null;

  constructor(
    /** Referenced so that it is not garbage collected, and thereby closed. */
    readonly source: Source,
    readonly interest: Interest,
    /** Whether the promise resolves with the readiness, or with `undefined`. */
    readonly wantsReadiness: boolean,
    readonly resolve: (value: never) => void,
    readonly reject: (reason: unknown) => void,
  ) {}

  settle(ready: number): void {
    this.cancellation?.ignoreSignal();
    this.resolve((this.wantsReadiness ? readinessOf(ready) : undefined) as never);
  }

  fail(reason: unknown): void {
    this.cancellation?.ignoreSignal();
    this.reject(reason);
  }
}

/** What ends a wait when a signal aborts. */
export class Cancellation {
  /** The one before its waiter in the list. */
  previous: Waiter | null = null;

  constructor(
    readonly waiter: Waiter,
    readonly signal: AbortSignal,
    readonly onAbort: () => void,
  ) {}

  ignoreSignal(): void {
    removeAbortCallback(this.signal, this.onAbort);
  }
}

/** A linked list in the order of the calls. It usually has one element. */
export class WaiterList {
  #first: Waiter | null = null;
  #last: Waiter | null = null;

  get empty(): boolean {
    return this.#first === null;
  }

  get length(): number {
    let length = 0;
    for (let waiter = this.#first; waiter !== null; waiter = waiter.next) length++;
    return length;
  }

  /** The union of their interests, which is known to be within `most`. */
  interest(most: Interest): Interest {
    let interest = 0;
    for (let waiter = this.#first; waiter !== null && interest !== most; waiter = waiter.next) {
      interest |= waiter.interest;
    }
    return interest;
  }

  push(waiter: Waiter): void {
    if (waiter.cancellation !== null) waiter.cancellation.previous = this.#last;
    if (this.#last === null) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
  }

  /** Removes those that the event concerns, and returns them linked by `next`. */
  take(ready: number): Waiter | null {
    const first = this.takeAll();
    if (first === null || (first.next === null && concerns(ready, first.interest))) return first;
    const taken = new WaiterList();
    for (let waiter: Waiter | null = first, next; waiter !== null; waiter = next) {
      next = waiter.next;
      waiter.next = null;
      (concerns(ready, waiter.interest) ? taken : this).push(waiter);
    }
    return taken.takeAll();
  }

  takeAll(): Waiter | null {
    const first = this.#first;
    this.#first = null;
    this.#last = null;
    return first;
  }

  /**
   * Returns whether it was in the list. Does not search for it: one signal may end thousands of waits, in any
   * order.
   */
  remove({ waiter, previous }: Cancellation): boolean {
    const { next } = waiter;
    if ((previous === null ? this.#first : previous.next) !== waiter) return false;
    if (previous === null) this.#first = next;
    else previous.next = next;
    if (this.#last === waiter) this.#last = previous;
    else if (next?.cancellation) next.cancellation.previous = previous;
    return true;
  }
}
