import { concerns, readinessOf } from '../poll/events';
import type { Interest } from '../poll/interest';
import type { Source } from '../validate';

/** Somebody who awaits one event of a descriptor. */
export class Waiter {
  next: Waiter | null = null;
  /** Forgets the signal; of those who have one. */
  ignoreSignal: (() => void) | undefined = undefined;

  constructor(
    /** Held, since what nobody can reach is closed. */
    readonly source: Source,
    readonly interest: Interest,
    /** Whether the promise is for the readiness, or for nothing but that it has come. */
    readonly tells: boolean,
    readonly resolve: (value: never) => void,
    readonly reject: (reason: unknown) => void,
  ) {}

  settle(ready: number): void {
    this.ignoreSignal?.();
    this.resolve((this.tells ? readinessOf(ready) : undefined) as never);
  }

  fail(reason: unknown): void {
    this.ignoreSignal?.();
    this.reject(reason);
  }
}

/** In the order in which they came. One of them is the usual number. */
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

  /** The union of what they wait for, which is known to be no more than `most`. */
  interest(most: Interest): Interest {
    let interest = 0;
    for (let waiter = this.#first; waiter !== null && interest !== most; waiter = waiter.next) {
      interest |= waiter.interest;
    }
    return interest;
  }

  push(waiter: Waiter): void {
    if (this.#last === null) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
  }

  /** Takes out those whom the event concerns, as a chain by `next`. */
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

  /** Whether it was there. */
  remove(waiter: Waiter): boolean {
    let before: Waiter | null = null;
    let other = this.#first;
    for (; other !== null && other !== waiter; other = other.next) before = other;
    if (other === null) return false;
    if (before === null) this.#first = waiter.next;
    else before.next = waiter.next;
    if (this.#last === waiter) this.#last = before;
    return true;
  }
}
