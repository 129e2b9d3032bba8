import { concerns, readinessOf } from '../poll/events';
import type { Interest } from '../poll/interest';
import type { Source } from '../validate';

/** A promise for one event of a descriptor. */
export class Waiter {
  next: Waiter | null = null;
  previous: Waiter | null = null;
  /** Removes the listener from the signal, if there is one. */
  ignoreSignal: (() => void) | undefined = undefined;

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
    this.ignoreSignal?.();
    this.resolve((this.wantsReadiness ? readinessOf(ready) : undefined) as never);
  }

  fail(reason: unknown): void {
    this.ignoreSignal?.();
    this.reject(reason);
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
    waiter.previous = this.#last;
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
  remove(waiter: Waiter): boolean {
    const { previous, next } = waiter;
    if ((previous === null ? this.#first : previous.next) !== waiter) return false;
    if (previous === null) this.#first = next;
    else previous.next = next;
    if (this.#last === waiter) this.#last = previous;
    else if (next !== null) next.previous = previous;
    return true;
  }
}
