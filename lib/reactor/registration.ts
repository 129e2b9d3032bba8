import { inspect, type InspectOptions } from 'node:util';
import { nextTick } from '../clock';
import { currentContext } from '../async-context';
import { closedError } from '../errors';
import { concerns, type Readiness, readinessOf } from '../poll/events';
import { type Interest, interestOf, type Mode } from '../poll/interest';
import { shown } from '../shown';
import type { Source } from '../validate';
import type { Dispatcher } from './dispatcher';
import type { Slot } from './slot';

/**
 * A callback that is called whenever its descriptor is ready; like asyncio's `add_reader`. The callback
 * runs in the asynchronous context in which it was registered. The registration keeps the process alive
 * until it is closed or `unref` is called. Created by `register`.
 */
export class Registration {
  /** @internal Referenced so that it is not garbage collected, and thereby closed. */
  readonly source: Source;
  readonly #dispatcher: Dispatcher;
  readonly #slot: Slot;
  readonly #callback: (readiness: Readiness) => void;
  /** In which the callback runs. */
  readonly #context = currentContext();
  readonly #mode: Mode;
  /** @internal Called when the registration ends because its descriptor or reactor is closed. */
  onAbandon: ((reason: Error) => void) | undefined;
  #interest: Interest;
  #spent = false;
  #closed = false;
  #referenced = true;

  /** @internal */
  constructor(
    dispatcher: Dispatcher,
    slot: Slot,
    source: Source,
    interest: Interest,
    mode: Mode,
    callback: (readiness: Readiness) => void,
  ) {
    this.source = source;
    this.#dispatcher = dispatcher;
    this.#slot = slot;
    this.#interest = interest;
    this.#mode = mode;
    this.#callback = callback;
  }

  /** The descriptor; -1 once closed. */
  get fd(): number {
    return this.#closed ? -1 : this.#slot.fd;
  }

  /** Whether it has been closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The current interest: 0 once closed, and after a `oneshot` event until `modify`. */
  get interest(): Interest {
    return this.#spent || this.#closed ? 0 : this.#interest;
  }

  /** How often the callback is called while the descriptor stays ready. */
  get mode(): Mode {
    return this.#mode;
  }

  /** @internal */
  [inspect.custom](_depth: number, o: InspectOptions): string {
    return shown(this, ['fd', 'interest', 'mode'], o);
  }

  /** @internal */
  get edge(): boolean {
    return this.#mode === 'edge';
  }

  /**
   * Changes the interest, or arms the registration again after a `oneshot` event. If it throws, the
   * registration stays as it was, or is closed.
   * @throws `ERR_CLOSED`, `EBADF` when the descriptor was closed
   */
  modify(interest: Interest): void {
    if (this.#closed) throw closedError('registration');
    const before = [this.#interest, this.#spent] as const;
    this.#interest = interestOf(interest);
    this.#spent = false;
    const slot = this.#slot;
    const result = this.#dispatcher.arm(slot, slot.wanted(), false);
    if (result < 0) {
      [this.#interest, this.#spent] = before;
      throw this.#dispatcher.failure(result, slot.fd);
    }
    if (this.closed) throw this.#dispatcher.lost(slot, 'registration');
  }

  /** The registration keeps the process alive (the default). */
  ref(): this {
    if (!this.#referenced && !this.#closed) this.#dispatcher.keepAlive(1);
    this.#referenced = true;
    return this;
  }

  /** The registration does not keep the process alive. */
  unref(): this {
    if (this.#referenced && !this.#closed) this.#dispatcher.keepAlive(-1);
    this.#referenced = false;
    return this;
  }

  /** Ends the registration: the callback is not called again, not even for events already collected. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#referenced) this.#dispatcher.keepAlive(-1);
    const slot = this.#slot;
    slot.registrations = slot.registrations.filter((other) => other !== this);
    this.#dispatcher.set.narrow(slot, slot.wanted());
  }

  /** @internal */
  abandon(reason: Error): void {
    this.close();
    this.onAbandon?.(reason);
  }

  /** The same as `close`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal Calls back if the event concerns it. Returns the interest that stays armed for it. */
  deliver(ready: number): Interest {
    const interest = this.interest;
    if (interest === 0 || !concerns(ready, interest)) return 0;
    if (this.#mode === 'oneshot') this.#spent = true;
    if (this.#context === undefined) this.#call(ready);
    else this.#context.runInAsyncScope(() => this.#call(ready));
    return this.#mode === 'oneshot' ? 0 : interest;
  }

  #call(ready: number): void {
    try {
      (0, this.#callback)(readinessOf(ready));
    } catch (error) {
      // An uncaught exception, as in any callback of Node; the rest of the batch is still delivered.
      nextTick(() => {
        throw error;
      });
    }
  }
}
