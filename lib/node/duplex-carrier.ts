import { finished, type Duplex } from 'node:stream';
import { setImmediate } from '../clock';
import { closedError, EAGAIN, ENOSYS } from '../errors';
import type { Carrier } from '../io/stream/carrier';

/** How many reads may be answered at once before the event loop gets a turn; see Channel. */
const TURN = 32;

/** A Duplex of Node's as that which brings the bytes of a stream. */
export class DuplexCarrier implements Carrier {
  readonly fd = -1;
  readonly transport = { receiveCall: 'read' };
  readonly #duplex: Duplex;
  #onReadable: () => void = ignore;
  #ended = false;
  #failure: Error | null = null;
  #left = TURN;
  #deferred = false;

  constructor(duplex: Duplex) {
    this.#duplex = duplex;
  }

  /** Whom to tell from now on. `onFailure`: there will be no more, and it has not ended. */
  serve(onReadable: () => void, onFailure: (error: Error) => void): void {
    this.#onReadable = onReadable;
    this.#duplex.on('readable', () => {
      this.#left = TURN;
      onReadable();
    });
    finished(this.#duplex, { writable: false }, (error) => {
      if (error == null) this.#ended = true;
      else
        this.#failure =
          this.#duplex.errored ?? (isPremature(error) ? closedError('stream') : error);
      if (this.#failure === null) onReadable();
      else onFailure(this.#failure);
    });
  }

  get mayRead(): boolean {
    return this.#failure === null && (this.#ended || this.#duplex.readableLength > 0);
  }

  get mayTryRead(): boolean {
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

  /** None of it is in the kernel. */
  spliceInto(): number {
    return ENOSYS;
  }

  park(): Error | null {
    if (this.#left < 0 && !this.#deferred) {
      this.#deferred = true;
      setImmediate(() => {
        this.#deferred = false;
        this.#left = TURN;
        this.#onReadable();
      });
    }
    // It gets more, or notices its end, when it is asked for what is not there.
    if (!this.mayRead) this.#duplex.read(0);
    return this.#failure;
  }

  hold(): void {
    // What keeps the process alive is the business of the Duplex.
  }

  release(): void {
    // Likewise.
  }
}

/** Whether the Duplex has closed before its end, and has told nobody of an error. */
function isPremature(error: { readonly code?: string }): boolean {
  return error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

function ignore(): void {
  // Nobody is served yet.
}
