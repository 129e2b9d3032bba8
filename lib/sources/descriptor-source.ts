import { closedError } from '../errors';
import type { OwnedFd } from '../raw/owned-fd';
import { reactor } from '../reactor/default';
import { type Abortable, liveSignal } from '../validate';
import { IteratedSource } from './iterated-source';

/**
 * The base of `Timer` and `Waker`: sources with a descriptor that is readable while there is something
 * to take, and a way to take it without waiting. Not created directly.
 */
export abstract class DescriptorSource<T> extends IteratedSource<T> {
  readonly #owned: OwnedFd;
  #waiting = 0;
  #referenced = true;
  /** What was taken last by somebody who waited, and how often that was. */
  #last: T | undefined;
  #takes = 0;

  /** @internal */
  constructor(owned: OwnedFd) {
    super();
    this.#owned = owned;
  }

  /** Readable while there is something to take; -1 once closed. */
  override get fd(): number {
    return this.#owned.fd;
  }

  /** A pending wait keeps the process alive (the default). */
  ref(): this {
    if (!this.#referenced) reactor.keepAlive(this.#waiting);
    this.#referenced = true;
    return this;
  }

  /** A pending wait does not keep the process alive. */
  unref(): this {
    if (this.#referenced) reactor.keepAlive(-this.#waiting);
    this.#referenced = false;
    return this;
  }

  /** Rejects pending waits with `ERR_CLOSED`, and ends iterations. A second call has no effect. */
  override close(): void {
    this.#owned.close();
  }

  /** @internal What there is, or `null`. */
  protected abstract take(): T | null;

  /** @internal What there is, as soon as there is something; all who wait then are told the same. */
  protected override async next(o: Abortable | undefined): Promise<T> {
    const signal = liveSignal(o);
    const seen = this.#takes;
    for (;;) {
      await this.#readable(signal);
      // In the turn in which it became readable, or by somebody who was told first: then all is there.
      signal?.throwIfAborted();
      if (this.closed) throw closedError(this.#owned.what);
      const taken = this.take();
      if (taken !== null) {
        this.#last = taken;
        this.#takes++;
        return taken;
      }
      // Taken by another one who waited, since this wait began.
      if (this.#takes !== seen) return this.#last as T;
    }
  }

  async #readable(signal: AbortSignal | undefined): Promise<void> {
    const readable = reactor.readableFor(this.#owned.descriptor, this.#owned.open(), { signal });
    this.#waiting++;
    // The reactor counts everybody who waits.
    if (!this.#referenced) reactor.keepAlive(-1);
    try {
      await readable;
    } finally {
      this.#waiting--;
      if (!this.#referenced) reactor.keepAlive(1);
    }
  }
}
