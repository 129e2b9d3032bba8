import type { Receiving } from './datagram-receiving';
import type { ReceivedDatagram } from './inbox';

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** The iterator of a socket. Uses no signal, which would cost more than a datagram. */
export class Datagrams implements AsyncIterableIterator<ReceivedDatagram, undefined> {
  readonly #receiving: Receiving;
  readonly #socket: { readonly fd: number };
  #done = false;

  constructor(receiving: Receiving, socket: { readonly fd: number }) {
    this.#receiving = receiving;
    this.#socket = socket;
  }

  async next(): Promise<IteratorResult<ReceivedDatagram, undefined>> {
    if (this.#done || this.#socket.fd === -1) return DONE;
    try {
      const value = await this.#receiving.next(this);
      return value === null ? DONE : { done: false, value };
    } catch (error) {
      if (this.#socket.fd === -1) return DONE;
      throw error;
    }
  }

  /** Ends a pending `next`, which takes no datagram. */
  return(): Promise<IteratorReturnResult<undefined>> {
    if (!this.#done) this.#receiving.leave(this);
    this.#done = true;
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
