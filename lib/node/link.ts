import { nextTick } from '../clock';
import { closedBeforeConnection, socketClosed } from '../errors';
import type { Done } from './outgoing';

type Task<Connected> = (connected: Connected) => void;

/** A connection that exists, or is still being made; tasks for it run when it exists. */
export class Link<Connected> {
  #connected: Connected | undefined;
  readonly #before: Task<Connected>[] = [];
  readonly #after: { task: Task<Connected>; fail: Done | undefined }[] = [];

  constructor(connected?: Connected) {
    this.#connected = connected;
  }

  /** `undefined` until it has been made. */
  get connected(): Connected | undefined {
    return this.#connected;
  }

  /** Runs the task now, or before `connect` is emitted. */
  before(task: Task<Connected>): void {
    if (this.#connected === undefined) this.#before.push(task);
    else task(this.#connected);
  }

  /** Runs the task now, or after `connect` was emitted; or `fail` if there will be no connection. */
  after(task: Task<Connected>, fail?: Done): void {
    if (this.#connected === undefined) this.#after.push({ task, fail });
    else task(this.#connected);
  }

  /** There is a connection. The caller emits `connect` in this tick. */
  connect(connected: Connected): void {
    this.#connected = connected;
    for (const task of this.#before.splice(0)) task(connected);
    // In the next tick, also if a listener of `connect` throws.
    nextTick(() => {
      // A task may destroy the connection, which fails those that are left.
      for (let next; (next = this.#after.shift()) !== undefined;) next.task(connected);
    });
  }

  /** There is no connection any more. The callbacks run in ticks of their own, not in the caller's. */
  close(): void {
    const reason = this.#connected === undefined ? closedBeforeConnection : socketClosed;
    for (const { fail } of this.#after.splice(0)) {
      if (fail !== undefined) nextTick(fail, reason());
    }
  }
}
