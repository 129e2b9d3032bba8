import { inspect, type InspectOptions } from 'node:util';
import { untilClosed } from '../iteration';
import { shown } from '../shown';
import type { Abortable } from '../validate';

/** The base of all sources: they can be closed, and iterated until then. Not created directly. */
export abstract class IteratedSource<T> {
  /** -1 once closed. */
  abstract get fd(): number;

  /** Whether it has been closed. */
  get closed(): boolean {
    return this.fd === -1;
  }

  /** @internal */
  [inspect.custom](_depth: number, o: InspectOptions): string {
    return shown(this, ['fd'], o);
  }

  /** Rejects pending waits with `ERR_CLOSED`, and ends iterations. A second call has no effect. */
  abstract close(): void;

  /** The same as `close`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal The next value; `null` when there will be none. */
  protected abstract next(o: Abortable | undefined): Promise<T | null>;

  /** Iterates over what it has, until it is closed. Leaving the loop does not close it. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return untilClosed(this, (o) => this.next(o));
  }
}
