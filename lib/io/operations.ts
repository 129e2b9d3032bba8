import { abortable } from './abortable';
import type { Interest } from '../poll/interest';
import type { Channel } from './channel';

/** A system call to make as soon as it does not block. */
export interface Operation<T> {
  /** Makes the system call. Returns `null` if it would block; throws if it fails. */
  attempt(): T | null;
  /** Whether the kernel has taken a part of the bytes already, so that it cannot be undone. */
  readonly begun?: boolean | undefined;
}

interface Pending {
  readonly operation: Operation<unknown>;
  readonly resolve: (value: never) => void;
  readonly reject: (reason: unknown) => void;
}

/** The pending operations of one direction of a channel, in the order of the calls. */
export class Operations {
  readonly #channel: Channel;
  readonly #direction: Interest;
  #pending: Pending[] = [];

  constructor(channel: Channel, direction: Interest) {
    this.#channel = channel;
    this.#direction = direction;
  }

  get idle(): boolean {
    return this.#pending.length === 0;
  }

  /** The operation whose turn it is. */
  get first(): Operation<unknown> | undefined {
    return this.#pending.at(0)?.operation;
  }

  /** Runs the operation: at once, if no other is pending and it is `promising`, or later. */
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
    return problem === null ? this.add(operation, signal) : Promise.reject(problem);
  }

  /** Runs the operation when its turn comes. Aborting has no effect on one that has `begun`. */
  add<T>(operation: Operation<T>, signal: AbortSignal | undefined): Promise<T> {
    return abortable(signal, (resolve, reject) => {
      const pending: Pending = { operation, resolve, reject };
      this.#pending.push(pending);
      this.#channel.hold(this.#direction, true);
      return () => {
        if (operation.begun === true) return false;
        this.#drop(this.#pending.indexOf(pending), 1);
        return true;
      };
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
    this.#drop(0, done);
  }

  fail(reason: Error): void {
    for (const { reject } of this.#drop(0, this.#pending.length)) reject(reason);
  }

  #drop(first: number, count: number): Pending[] {
    const dropped = this.#pending.splice(first, count);
    this.#channel.hold(this.#direction, !this.idle);
    return dropped;
  }
}
