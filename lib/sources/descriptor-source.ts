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
  /** The result of the last wait that took something, and how many of them there were. */
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

  /** @internal Takes what there is, without waiting; `null` for nothing. */
  protected abstract take(): T | null;

  /** @internal Waits until there is something to take. All pending calls get the same. */
  protected override async next(o: Abortable | undefined): Promise<T> {
    const signal = liveSignal(o);
    const seen = this.#takes;
    for (;;) {
      await this.#readable(signal);
      // Aborted or closed in the same turn, perhaps by another waiter: then nothing is taken.
      signal?.throwIfAborted();
      if (this.closed) throw closedError(this.#owned.what);
      const taken = this.take();
      if (taken !== null) {
        this.#last = taken;
        this.#takes++;
        return taken;
      }
      // Another pending call has taken it.
      if (this.#takes !== seen) return this.#last as T;
    }
  }

  async #readable(signal: AbortSignal | undefined): Promise<void> {
    const readable = reactor.readableFor(this.#owned.descriptor, this.#owned.open(), { signal });
    this.#waiting++;
    // The reactor has counted this wait.
    if (!this.#referenced) reactor.keepAlive(-1);
    try {
      await readable;
    } finally {
      this.#waiting--;
      if (!this.#referenced) reactor.keepAlive(1);
    }
  }
}
