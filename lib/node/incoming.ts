import type { AsyncResource } from 'node:async_hooks';
import { setImmediate } from '../clock';
import { EAGAIN } from '../errors';
import type { Borrower, Reading } from '../io/stream/reading';
import { afterOthers, type Runner, soon } from './turns';

/** What `Incoming` calls. */
export interface Consumer {
  /** Returns whether it wants more. */
  onChunk(chunk: Buffer): boolean;
  onEnd(): void;
  onError(error: Error): void;
  /** The stream was closed, by anyone, whether or not its end had been received. */
  onClose(reason: unknown): void;
}

/**
 * Passes the bytes of a stream to a consumer: receives when the stream is readable and the consumer wants
 * more, into the buffer that all streams share, and passes on a copy.
 */
export class Incoming implements Borrower, Runner {
  readonly #reading: Reading;
  /** The asynchronous context of the user's code. */
  readonly #resource: AsyncResource;
  readonly #consumer: Consumer;
  #wanted = false;
  #scheduled = false;
  /** Whether the consumer gets nothing more. */
  #over = false;

  /** @throws `ERR_BUSY` while a read is under way, `ERR_CLOSED` */
  constructor(reading: Reading, resource: AsyncResource, consumer: Consumer) {
    this.#reading = reading;
    this.#resource = resource;
    this.#consumer = consumer;
    const problem = reading.lend(this);
    if (problem !== null) throw problem;
    reading.keepAlive(false);
  }

  /** The consumer wants more. */
  want(): void {
    if (this.#over) return;
    this.#setWanted(true);
    if (this.#begin()) soon(this);
  }

  /** The consumer gets nothing more. */
  stop(): void {
    this.#over = true;
    this.#setWanted(false);
  }

  onReadable(): void {
    if (this.#wanted && this.#begin()) soon(this);
  }

  onClose(reason: unknown): void {
    this.stop();
    this.#consumer.onClose(reason);
  }

  run(): void {
    this.#scheduled = false;
    if (this.#wanted) this.#resource.runInAsyncScope(this.#receive, this);
  }

  /** Whether to schedule a receive, which is then marked: there may be bytes, and none is scheduled. */
  #begin(): boolean {
    const { received } = this.#reading;
    if (this.#scheduled || (received.length === 0 && !this.#reading.mayReceive())) return false;
    this.#scheduled = true;
    return true;
  }

  #receive(): void {
    const { received } = this.#reading;
    // What was received before the stream was handed over comes first.
    const result = received.length > 0 ? received.length : this.#reading.receive();
    if (result > 0) {
      const chunk = received.take(result);
      received.keep();
      try {
        this.#setWanted(this.#consumer.onChunk(chunk) && !this.#over);
      } finally {
        // Also when a listener has thrown. One chunk at a time: code that gets this one through a
        // promise runs before the next one arrives.
        if (this.#wanted && this.#begin()) afterOthers(this);
      }
    } else if (result === 0) {
      this.stop();
      this.#consumer.onEnd();
    } else if (result !== EAGAIN) {
      this.#fail(this.#reading.failure(result));
    }
  }

  /**
   * Reports the error in the next turn of the event loop: the code that got bytes in this turn may have
   * finished with the stream by then. TLS has, after the last bytes of its peer, and a reset behind them
   * means nothing.
   */
  #fail(error: Error): void {
    this.#scheduled = true;
    setImmediate(() => {
      if (this.#over) return;
      this.stop();
      this.#resource.runInAsyncScope(() => {
        this.#consumer.onError(error);
      });
    });
  }

  /** Waiting for bytes that the consumer does not want does not keep the process alive. */
  #setWanted(wanted: boolean): void {
    this.#wanted = wanted;
    this.#reading.keepAlive(wanted);
  }
}
