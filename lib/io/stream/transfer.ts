import type { Writing } from './writing';

/** Settles the promise of a transfer. */
export interface Outcome {
  readonly resolve: (bytes: number) => void;
  readonly reject: (reason: unknown) => void;
}

/** An entry of the queue of writes that supplies its own bytes when its turn comes: a file, another stream. */
export abstract class Transfer {
  protected readonly destination: Writing;
  readonly #outcome: Outcome;
  /** How many bytes have been sent. */
  protected sent = 0;
  #over = false;

  constructor(destination: Writing, outcome: Outcome) {
    this.destination = destination;
    this.#outcome = outcome;
  }

  /** Whether it may never end, so that closing the stream must not wait for it. */
  abstract readonly endless: boolean;

  /** Sends something. Returns whether to continue; false means to wait. Throws if it fails. */
  protected abstract step(): boolean;

  /** Called when it is over, successfully or not. */
  protected abstract leave(): void;

  /** Sends what it can now. Returns whether it is over. */
  advance(): boolean {
    while (!this.#over) {
      try {
        if (!this.step()) return false;
      } catch (error) {
        this.fail(error);
      }
    }
    return true;
  }

  /** Ends it, whether or not its turn has come. */
  fail(reason: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.leave();
    this.#outcome.reject(reason);
  }

  protected finish(): void {
    this.#over = true;
    this.leave();
    this.#outcome.resolve(this.sent);
  }
}
