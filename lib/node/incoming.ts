import type { AsyncResource } from 'node:async_hooks';
import { setImmediate } from '../clock';
import { EAGAIN } from '../errors';
import type { Borrower, Reading } from '../io/stream/reading';
import { afterOthers, type Runner, soon } from './turns';

/** Who gets what is received. */
export interface Consumer {
  /** Whether it wants more. */
  onChunk(chunk: Buffer): boolean;
  onEnd(): void;
  onError(error: Error): void;
  /** The stream has been closed, whoever did it, and whether or not it had ended. */
  onClose(reason: unknown): void;
}

/**
 * The bytes of a stream for somebody who is called with them: received when they have come and are
 * wanted, into the buffer that all streams share, and handed over as a copy.
 */
export class Incoming implements Borrower, Runner {
  readonly #reading: Reading;
  /** Where the user's code runs. */
  readonly #resource: AsyncResource;
  readonly #consumer: Consumer;
  #wanted = false;
  #scheduled = false;
  /** Nothing more is handed over. */
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

  /** More is wanted. */
  want(): void {
    if (this.#over) return;
    this.#setWanted(true);
    if (this.#begin()) soon(this);
  }

  /** For good. */
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

  /** Whether there may be something, and nothing has been scheduled for it. */
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
        // Also when a listener has thrown. One at a time: whoever has been given it, by a promise
        // perhaps, has his turn before the next.
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
   * In the next turn of the loop: whoever was given bytes in this one may be done with the stream by
   * then. TLS is, with the last bytes of its peer, and a reset after them says nothing.
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

  /** Who waits for bytes that nobody wants does not keep the process alive. */
  #setWanted(wanted: boolean): void {
    this.#wanted = wanted;
    this.#reading.keepAlive(wanted);
  }
}
