import { inspect, type InspectOptions } from 'node:util';
import { type Iteration, untilClosed } from '../iteration';
import { shown } from '../shown';
import type { Abortable } from '../validate';

/** What every source has: it is closed once, and iterated until it is. Not made by itself. */
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

  /** Who waits is rejected with `ERR_CLOSED`, and iterations end. Twice is once. */
  abstract close(): void;

  /** The same as `close`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal The next one; `null` when there will be none. */
  protected abstract next(o: Abortable | undefined): Promise<T | null>;

  /** @internal One `next` after the other, until the source is closed. */
  protected all(): Iteration<T> {
    return untilClosed(this, (o) => this.next(o));
  }
}
