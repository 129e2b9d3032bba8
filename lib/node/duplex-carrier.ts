import { finished, type Duplex } from 'node:stream';
import { setImmediate } from '../clock';
import { closedError, EAGAIN, ENOSYS } from '../errors';
import type { Carrier } from '../io/stream/carrier';
import { Reading } from '../io/stream/reading';

/** How many reads may be answered at once before the event loop gets a turn; see Channel. */
const TURN = 32;

/** A Node Duplex as the carrier of a stream, in place of a descriptor, and the reads from it. */
export class DuplexCarrier implements Carrier {
  readonly fd = -1;
  readonly transport = { receiveCall: 'read' };
  readonly reading = new Reading(this);
  readonly #duplex: Duplex;
  #ended = false;
  #failure: Error | null = null;
  #left = TURN;
  #deferred = false;

  constructor(duplex: Duplex) {
    this.#duplex = duplex;
    duplex.on('readable', () => {
      this.#left = TURN;
      // Without bytes it is the end, which most Duplexes only notice when they are read.
      if (!this.mayRead) duplex.read(0);
      this.reading.onReadable();
    });
    finished(duplex, { writable: false }, (error) => {
      if (error == null) {
        this.#ended = true;
        this.reading.onReadable();
      } else {
        this.#failure = duplex.errored ?? (isPremature(error) ? closedError('stream') : error);
        this.reading.fail(this.#failure);
      }
    });
  }

  /** Why nothing more will come, though the end was not reached. */
  get failure(): Error | null {
    return this.#failure;
  }

  get mayRead(): boolean {
    return this.#failure === null && (this.#ended || this.#duplex.readableLength > 0);
  }

  get mayTryRead(): boolean {
    // It may have ended behind its last bytes; a later call is told.
    if (!this.mayRead) this.#duplex.read(0);
    return this.mayRead;
  }

  takeTurn(): boolean {
    return --this.#left >= 0;
  }

  receive(into: Uint8Array): number {
    const count = Math.min(this.#duplex.readableLength, into.length);
    const chunk = count === 0 ? null : (this.#duplex.read(count) as Uint8Array | null);
    if (chunk === null) return this.#ended ? 0 : EAGAIN;
    into.set(chunk);
    return chunk.length;
  }

  /** The bytes are not in the kernel. */
  spliceInto(): number {
    return ENOSYS;
  }

  park(): Error | null {
    if (this.#left < 0 && !this.#deferred) {
      this.#deferred = true;
      setImmediate(() => {
        this.#deferred = false;
        this.#left = TURN;
        this.reading.onReadable();
      });
    }
    // A read of more than is buffered makes it fetch more, or notice its end.
    if (!this.mayRead) this.#duplex.read(0);
    return this.#failure;
  }

  hold(): void {
    // Whether it keeps the process alive is up to the Duplex.
  }
}

/** Whether the Duplex has closed before its end without emitting an error. */
function isPremature(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
