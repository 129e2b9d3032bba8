import { setImmediate } from '../clock';
import { closedError } from '../errors';
import { type Abortable, liveSignal } from '../validate';
import { EventQueue } from './event-queue';
import { IteratedSource } from './iterated-source';

/** After how many events the event loop gets a turn: a loop over settled promises would starve it. */
const TURN = 32;

/**
 * The base of sources of events. Each event goes to one receiver, in the order in which they asked.
 * Nothing is taken from the system while nobody asks. Not created directly.
 */
export abstract class EventSource<E> extends IteratedSource<E> {
  /** @internal Where the events of the system are pushed. */
  protected readonly queue = new EventQueue<E>();
  #left = TURN;

  /** @internal Its name in errors. */
  protected abstract readonly what: string;

  /** A pending `receive` keeps the process alive (the default). */
  ref(): this {
    this.queue.ref();
    return this;
  }

  /** A pending `receive` does not keep the process alive. */
  unref(): this {
    this.queue.unref();
    return this;
  }

  /** Rejects pending calls with `ERR_CLOSED`; queued events are lost. A second call has no effect. */
  override close(): void {
    if (this.closed) return;
    this.release();
    this.queue.clear();
    this.queue.fail(closedError(this.what));
  }

  /** @internal The next event; `null` when there will be none. */
  protected override async next(o: Abortable | undefined): Promise<E | null> {
    const signal = liveSignal(o);
    if (this.fd === -1) throw closedError(this.what);
    if (--this.#left < 0) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#left = TURN;
      signal?.throwIfAborted();
      if (this.fd === -1) throw closedError(this.what);
    }
    const { queue } = this;
    if (queue.length === 0 && !queue.awaited) this.take();
    if (queue.length > 0) return queue.shift();
    if (this.ended) return null;
    const waiting = queue.wait(signal);
    this.start();
    const event = await waiting;
    this.#left = TURN;
    return event;
  }

  /** @internal Whether there will be no more events. */
  protected ended = false;

  /** @internal Pushes the events that the system has by now. */
  protected abstract take(): void;

  /** @internal Has further events pushed as long as a `receive` is pending. */
  protected abstract start(): void;

  /** @internal Closes the source, after which `fd` is -1. */
  protected abstract release(): void;
}
