import { closedError } from '../errors';
import { concerns, type Readiness, readinessOf } from '../poll/events';
import { type Interest, interestOf, type Mode } from '../poll/interest';

/** What a registration asks of its reactor. */
export interface Registrar {
  /** What is waited for has changed. */
  update(): void;
  remove(): void;
  keepAlive(change: 1 | -1): void;
}

/**
 * A callback that is called whenever its descriptor is ready; asyncio's `add_reader`. It keeps the
 * process alive until it is closed or `unref` was called. Made by `register`.
 */
export class Registration {
  readonly #registrar: Registrar;
  readonly #fd: number;
  readonly #callback: (readiness: Readiness) => void;
  readonly #mode: Mode;
  /** Told when somebody else closes the registration: the descriptor is being closed. */
  readonly #onAbandon: ((reason: Error) => void) | undefined;
  #interest: Interest;
  #spent = false;
  #closed = false;
  #referenced = true;

  /** @internal */
  constructor(
    registrar: Registrar,
    fd: number,
    interest: Interest,
    mode: Mode,
    callback: (readiness: Readiness) => void,
    onAbandon?: (reason: Error) => void,
  ) {
    this.#onAbandon = onAbandon;
    this.#registrar = registrar;
    this.#fd = fd;
    this.#interest = interest;
    this.#mode = mode;
    this.#callback = callback;
  }

  /** The descriptor; -1 once closed. */
  get fd(): number {
    return this.#closed ? -1 : this.#fd;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** What is waited for: 0 once closed, and after a `oneshot` event until `modify`. */
  get interest(): Interest {
    return this.#spent || this.#closed ? 0 : this.#interest;
  }

  get mode(): Mode {
    return this.#mode;
  }

  /** @internal */
  get edge(): boolean {
    return this.#mode === 'edge';
  }

  /**
   * Waits for something else from now on, or again after a `oneshot` event.
   * @throws `ERR_CLOSED`, `EBADF` when the descriptor was closed
   */
  modify(interest: Interest): void {
    if (this.#closed) throw closedError('registration');
    this.#interest = interestOf(interest);
    this.#spent = false;
    this.#registrar.update();
  }

  /** The registration keeps the process alive (the default). */
  ref(): this {
    if (!this.#referenced && !this.#closed) this.#registrar.keepAlive(1);
    this.#referenced = true;
    return this;
  }

  /** The registration does not keep the process alive. */
  unref(): this {
    if (this.#referenced && !this.#closed) this.#registrar.keepAlive(-1);
    this.#referenced = false;
    return this;
  }

  /** The callback is not called any more, not even for events that were collected already. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#referenced) this.#registrar.keepAlive(-1);
    this.#registrar.remove();
  }

  /** @internal */
  abandon(reason: Error): void {
    this.close();
    this.#onAbandon?.(reason);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal Calls back if the event concerns it; answers what it has been told of. */
  deliver(ready: number): Interest {
    const interest = this.interest;
    if (interest === 0 || !concerns(ready, interest)) return 0;
    if (this.#mode === 'oneshot') this.#spent = true;
    try {
      (0, this.#callback)(readinessOf(ready));
    } catch (error) {
      // An uncaught exception, as from any callback of Node's; the rest of the batch goes on.
      queueMicrotask(() => {
        throw error;
      });
    }
    return this.#mode === 'oneshot' ? 0 : interest;
  }
}
