import { reactor } from '../reactor/default';
import type { Holder } from '../reactor/slot';

/** Drains a descriptor whenever it is readable, as long as more is wanted. */
export class Pump {
  readonly #holder: Holder;
  readonly #fd: number;
  readonly #drain: () => boolean;
  readonly #fail: (reason: Error) => void;
  #running = false;

  /**
   * `drain` takes what there is, and returns whether more is wanted; `fail` is called when waiting for the
   * descriptor has failed. Neither may throw.
   */
  constructor(holder: Holder, fd: number, drain: () => boolean, fail: (reason: Error) => void) {
    this.#holder = holder;
    this.#fd = fd;
    this.#drain = drain;
    this.#fail = fail;
  }

  /** Starts draining, if it has not. This does not keep the process alive: its caller has to. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    try {
      do await this.#readable();
      while (this.#drain());
      this.#running = false;
    } catch (error) {
      this.#running = false;
      this.#fail(error as Error);
    }
  }

  async #readable(): Promise<void> {
    const waiting = reactor.readableFor(this.#holder, this.#fd);
    reactor.keepAlive(-1);
    try {
      await waiting;
    } finally {
      reactor.keepAlive(1);
    }
  }
}
