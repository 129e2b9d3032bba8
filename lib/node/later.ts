import { nextTick } from '../clock';
import type { Done } from './outgoing';

type Task<Connected> = (connected: Connected) => void;

/** What is asked of a connection before there is one. */
export class Later<Connected> {
  readonly #before: Task<Connected>[] = [];
  readonly #after: { task: Task<Connected>; fail: Done | undefined }[] = [];

  /** To be done before anybody is told of the connection. */
  before(task: Task<Connected>): void {
    this.#before.push(task);
  }

  /** To be done when everybody has been told; `fail` is called when it will not be done. */
  after(task: Task<Connected>, fail?: Done): void {
    this.#after.push({ task, fail });
  }

  /** There is a connection; whoever calls tells everybody now, in this tick. */
  connect(connected: Connected): void {
    for (const task of this.#before.splice(0)) task(connected);
    // Also if somebody who is told throws.
    nextTick(() => {
      // What one of them gives up is told to those behind it by `fail`.
      for (let next; (next = this.#after.shift()) !== undefined;) next.task(connected);
    });
  }

  /** It is not to be done any more. Whoever gave it up goes on before anybody is told. */
  fail(reason: () => Error): void {
    for (const { fail } of this.#after.splice(0)) {
      if (fail !== undefined) nextTick(fail, reason());
    }
  }
}
