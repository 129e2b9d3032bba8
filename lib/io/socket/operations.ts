import { addAbortCallback, removeAbortCallback } from '../../abort-callbacks';
import type { Channel } from '../channel';

/** A system call to make as soon as it does not block. */
export interface Operation<T> {
  /** Makes the system call. Returns `null` if it would block; throws if it fails. */
  attempt(): T | null;
  /** Whether the kernel has taken a part of the bytes already, so that it cannot be undone. */
  readonly begun?: boolean;
}

class Pending {
  #onAbort: () => void = ignore;

  constructor(
    readonly operation: Operation<unknown>,
    readonly resolve: (value: never) => void,
    readonly reject: (reason: unknown) => void,
    readonly signal: AbortSignal | undefined,
  ) {}

  listen(onAbort: () => void): void {
    this.#onAbort = onAbort;
    addAbortCallback(this.signal, onAbort);
  }

  ignoreSignal(): void {
    removeAbortCallback(this.signal, this.#onAbort);
  }
}

/** The pending operations of one direction of a channel, in the order of the calls. */
export class Operations {
  readonly #channel: Channel;
  #pending: Pending[] = [];

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  get idle(): boolean {
    return this.#pending.length === 0;
  }

  /** The operation whose turn it is. */
  get first(): Operation<unknown> | undefined {
    return this.#pending.at(0)?.operation;
  }

  /**
   * Runs the operation: immediately, if no other is pending and `promising` says that it may succeed, else
   * when its turn comes. Aborting has no effect on one that has `begun`.
   */
  run<T>(operation: Operation<T>, promising: boolean, signal?: AbortSignal): Promise<T> {
    if (promising && this.idle && this.#channel.takeTurn()) {
      try {
        const result = operation.attempt();
        if (result !== null) return Promise.resolve(result);
      } catch (error) {
        return Promise.reject(error);
      }
    }
    const problem = this.#channel.park();
    if (problem !== null) return Promise.reject(problem);
    return new Promise((resolve, reject) => {
      const pending = new Pending(operation, resolve, reject, signal);
      if (this.idle) this.#channel.hold();
      this.#pending.push(pending);
      if (signal !== undefined) this.#watch(pending, signal);
    });
  }

  /** The descriptor is ready: runs the pending operations until one would block. */
  proceed(): void {
    let done = 0;
    for (const { operation, resolve, reject } of this.#pending) {
      try {
        const result = operation.attempt();
        if (result === null) break;
        resolve(result as never);
      } catch (error) {
        reject(error);
      }
      done++;
    }
    if (done > 0) this.#drop(0, done);
  }

  fail(reason: Error): void {
    const all = this.#drop(0, this.#pending.length);
    for (const { reject } of all) reject(reason);
  }

  #watch(pending: Pending, signal: AbortSignal): void {
    pending.listen(() => {
      if (pending.operation.begun === true) return;
      this.#drop(this.#pending.indexOf(pending), 1);
      pending.reject(signal.reason);
    });
  }

  #drop(first: number, count: number): Pending[] {
    const dropped = this.#pending.splice(first, count);
    for (const pending of dropped) pending.ignoreSignal();
    if (dropped.length > 0 && this.idle) this.#channel.release();
    return dropped;
  }
}

function ignore(): void {
  // Until an operation listens to its signal.
}
