import { nextTick } from '../clock';
import type { Done } from './outgoing';

type Task<Connected> = (connected: Connected) => void;

/** Tasks for a connection that is still being made. */
export class Later<Connected> {
  readonly #before: Task<Connected>[] = [];
  readonly #after: { task: Task<Connected>; fail: Done | undefined }[] = [];

  /** Runs the task before `connect` is emitted. */
  before(task: Task<Connected>): void {
    this.#before.push(task);
  }

  /** Runs the task after `connect` was emitted, or `fail` if there will be no connection. */
  after(task: Task<Connected>, fail?: Done): void {
    this.#after.push({ task, fail });
  }

  /** There is a connection. The caller emits `connect` in this tick. */
  connect(connected: Connected): void {
    for (const task of this.#before.splice(0)) task(connected);
    // In the next tick, also if a listener of `connect` throws.
    nextTick(() => {
      // A task may destroy the connection, which fails those that are left.
      for (let next; (next = this.#after.shift()) !== undefined;) next.task(connected);
    });
  }

  /** There will be no connection. The callbacks run in ticks of their own, not in the caller's. */
  fail(reason: () => Error): void {
    for (const { fail } of this.#after.splice(0)) {
      if (fail !== undefined) nextTick(fail, reason());
    }
  }
}
