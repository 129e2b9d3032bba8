import { inspect, type InspectOptions } from 'node:util';
import { shown } from '../shown';
import type { Source } from '../validate';
import { openWatch } from './driver';
import { FdWatch } from './fd-watch';
import type { OwnedFd } from './owned-fd';

/**
 * The base of `Epoll` and `Kqueue`: a descriptor that is closed once, and promises for its events. Not created
 * directly.
 */
export abstract class Multiplexer {
  readonly #owned: OwnedFd;
  readonly #watch: FdWatch;
  /** The added objects: they must not be garbage collected, and thereby closed. */
  readonly #held = new Map<number, object>();

  /** @internal */
  constructor(owned: OwnedFd) {
    this.#owned = owned;
    const { fd, what } = owned;
    this.#watch = new FdWatch(what, () => openWatch(fd));
  }

  /** -1 once closed. */
  get fd(): number {
    return this.#owned.fd;
  }

  /** Whether it has been closed. */
  get closed(): boolean {
    return this.#owned.fd === -1;
  }

  /** @internal */
  [inspect.custom](_depth: number, o: InspectOptions): string {
    return shown(this, ['fd'], o);
  }

  /** A pending `ready` keeps the process alive (the default). */
  ref(): this {
    this.#watch.ref();
    return this;
  }

  /** A pending `ready` does not keep the process alive. */
  unref(): this {
    this.#watch.unref();
    return this;
  }

  /** A pending `ready` is rejected with `ERR_CLOSED`. Closing twice does nothing. */
  close(): void {
    if (this.closed) return;
    this.#watch.close();
    this.#owned.close();
    this.#held.clear();
  }

  /** The same as `close`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal Somebody else has closed the descriptor: the file that has its number now must not be closed. */
  protected lose(): void {
    this.#owned.lose();
    this.#watch.close();
    this.#held.clear();
  }

  /** @internal @throws `ERR_CLOSED` */
  protected openFd(): number {
    return this.#owned.open();
  }

  /** @internal Keeps the source of a registration that was made or changed. */
  protected hold(key: number, source: Source): void {
    if (typeof source !== 'number') this.#held.set(key, source);
  }

  /** @internal The registration with this key is gone. */
  protected letGo(key: number): void {
    this.#held.delete(key);
  }

  /** @internal Waits until `collect` returns events. */
  protected async collected<E>(signal: AbortSignal | undefined, collect: () => E[]): Promise<E[]> {
    for (;;) {
      const events = this.#watch.takeTurn() ? collect() : [];
      if (events.length > 0) return events;
      await this.#watch.wait(signal);
      signal?.throwIfAborted();
    }
  }
}
