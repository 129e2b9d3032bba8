import { reactor } from '../reactor/default';
import type { Holder } from '../reactor/slot';

/** Takes what there is from a descriptor whenever it is readable, as long as somebody wants it. */
export class Pump {
  readonly #holder: Holder;
  readonly #fd: number;
  readonly #drain: () => boolean;
  readonly #fail: (reason: Error) => void;
  #running = false;

  /**
   * `drain` takes what there is, and answers whether more is wanted; `fail` is told when the
   * descriptor will not be readable any more. Neither may throw.
   */
  constructor(holder: Holder, fd: number, drain: () => boolean, fail: (reason: Error) => void) {
    this.#holder = holder;
    this.#fd = fd;
    this.#drain = drain;
    this.#fail = fail;
  }

  /** Somebody wants something. It is for them to keep the process alive: this does not. */
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
