import { ECONNABORTED, EINPROGRESS, EINVAL, ENOTCONN, systemError } from '../../errors';
import { native } from '../../native';
import type { Channel } from '../channel';
import type { Operation } from './operations';

const nobody = new Uint8Array(0);

/** One connect(2), and waiting for how it ends. */
export class Connecting implements Operation<undefined> {
  readonly #channel: Channel;
  readonly #address: Uint8Array;
  readonly #where: { address?: string; port?: number };
  #asked = false;

  /** `where`: how an error names the address. */
  constructor(channel: Channel, address: Uint8Array, where: { address?: string; port?: number }) {
    this.#channel = channel;
    this.#address = address;
    this.#where = where;
  }

  /**
   * @throws what connect(2) answers, at once or in the end; ECONNABORTED, which is what Linux answers who
   * connects again, where somebody has taken the error by SO_ERROR
   */
  attempt(): undefined | null {
    const { fd } = this.#channel;
    if (this.#asked && !this.#hasEnded(fd)) return this.#wait();
    const result = this.#asked ? this.#outcome(fd) : native.connect(fd, this.#address);
    this.#asked = true;
    if (result === EINPROGRESS) return this.#wait();
    if (result < 0) throw systemError(result, 'connect', { fd, ...this.#where });
    return undefined;
  }

  /** An event of before, or of the other direction, does not mean that it has. */
  #hasEnded(fd: number): boolean {
    return native.poll(Int32Array.of(fd, native.POLLOUT, 0), 1, 0) !== 0;
  }

  #outcome(fd: number): number {
    const error = native.socketError(fd);
    if (error < 0) return error;
    const peer = native.remoteAddress(fd, nobody);
    // Darwin says EINVAL.
    return peer === ENOTCONN || peer === EINVAL ? ECONNABORTED : 0;
  }

  #wait(): null {
    this.#channel.writeWouldBlock();
    return null;
  }
}
