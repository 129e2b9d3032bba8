import type { AsyncResource } from 'node:async_hooks';
import type { Duplex } from 'node:stream';
import { setImmediate } from '../clock';
import { EAGAIN, isClosed } from '../errors';
import type { Borrower, Reading } from '../io/stream/reading';
import { partsOf, type Stream } from '../io/stream/stream';
import type { IdleTimer } from './idle-timer';
import { afterOthers, type Runner, soon } from './turns';

/**
 * Passes the bytes of a stream to a Duplex: receives when the stream is readable and the Duplex wants
 * more, into the buffer that all streams share, and passes on a copy.
 */
export class Incoming implements Borrower, Runner {
  readonly #reading: Reading;
  readonly #duplex: Duplex;
  readonly #idle: IdleTimer;
  /** The asynchronous context of the user's code. */
  readonly #resource: AsyncResource;
  #wanted = false;
  #scheduled = false;
  /** Whether the Duplex gets nothing more. */
  #over = false;

  /** @throws `ERR_BUSY` while a read is under way, `ERR_CLOSED` */
  constructor(stream: Stream, duplex: Duplex, idle: IdleTimer, resource: AsyncResource) {
    this.#reading = partsOf(stream).reading;
    this.#duplex = duplex;
    this.#idle = idle;
    this.#resource = resource;
    const problem = this.#reading.lend(this);
    if (problem !== null) throw problem;
    this.#reading.keepAlive(false);
  }

  /** The Duplex wants more. */
  want(): void {
    if (this.#over) return;
    this.#setWanted(true);
    if (this.#begin()) soon(this);
  }

  /** The Duplex gets nothing more. */
  stop(): void {
    this.#over = true;
    this.#setWanted(false);
  }

  onReadable(): void {
    if (this.#wanted && this.#begin()) soon(this);
  }

  /** The stream was closed, by anyone, whether or not its end had been received. */
  onClose(reason: unknown): void {
    this.stop();
    this.#duplex.destroy(isClosed(reason) ? undefined : (reason as Error));
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
      this.#idle.touch();
      try {
        this.#setWanted(this.#duplex.push(chunk) && !this.#over);
      } finally {
        // Also when a listener has thrown. One chunk at a time: code that gets this one through a
        // promise runs before the next one arrives.
        if (this.#wanted && this.#begin()) afterOthers(this);
      }
    } else if (result === 0) {
      this.stop();
      this.#idle.touch();
      this.#duplex.push(null);
      // Emits `end`, unless there is data left to read; nobody else may ask for any.
      this.#duplex.read(0);
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
      this.#resource.runInAsyncScope(() => this.#duplex.destroy(error));
    });
  }

  /** Waiting for bytes that the Duplex does not want does not keep the process alive. */
  #setWanted(wanted: boolean): void {
    this.#wanted = wanted;
    this.#reading.keepAlive(wanted);
  }
}
