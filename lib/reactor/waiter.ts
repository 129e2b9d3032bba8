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

/**
 * In the order in which they came. One of them is the usual number: it costs one pointer, and the end
 * of a longer list has to be looked for.
 */
export class WaiterList {
  #first: Waiter | null = null;

  get empty(): boolean {
    return this.#first === null;
  }

  get length(): number {
    let length = 0;
    for (let waiter = this.#first; waiter !== null; waiter = waiter.next) length++;
    return length;
  }

  /** The union of what they wait for. */
  interest(): Interest {
    let interest = 0;
    for (let waiter = this.#first; waiter !== null; waiter = waiter.next) {
      interest |= waiter.interest;
    }
    return interest;
  }

  push(waiter: Waiter): void {
    let last = this.#first;
    if (last === null) {
      this.#first = waiter;
      return;
    }
    while (last.next !== null) last = last.next;
    last.next = waiter;
  }

  /** Takes out those whom the event concerns, as a chain by `next`. */
  take(ready: number): Waiter | null {
    const first = this.#first;
    if (first === null) return null;
    if (first.next === null && concerns(ready, first.interest)) {
      this.#first = null;
      return first;
    }
    return this.#split((waiter) => concerns(ready, waiter.interest));
  }

  takeAll(): Waiter | null {
    const first = this.#first;
    this.#first = null;
    return first;
  }

  /** Whether it was there. */
  remove(waiter: Waiter): boolean {
    return this.#split((other) => other === waiter) !== null;
  }

  #split(goes: (waiter: Waiter) => boolean): Waiter | null {
    let taken: Waiter | null = null;
    let lastTaken: Waiter | null = null;
    let lastKept: Waiter | null = null;
    let waiter = this.takeAll();
    while (waiter !== null) {
      const { next } = waiter;
      waiter.next = null;
      if (goes(waiter)) {
        if (lastTaken === null) taken = waiter;
        else lastTaken.next = waiter;
        lastTaken = waiter;
      } else {
        if (lastKept === null) this.#first = waiter;
        else lastKept.next = waiter;
        lastKept = waiter;
      }
      waiter = next;
    }
    return taken;
  }
}
