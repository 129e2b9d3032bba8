import {
  type Details,
  ECONNABORTED,
  EINPROGRESS,
  EINVAL,
  ENOTCONN,
  systemError,
} from '../../errors';
import { native } from '../../native';
import type { Channel } from '../channel';
import type { Operation } from '../operations';

const noRoom = new Uint8Array(0);

/** One connect(2), and the wait for its outcome. */
export class Connecting implements Operation<undefined> {
  readonly #channel: Channel;
  readonly #address: Uint8Array;
  readonly #where: Details;
  #started = false;

  /** `where`: how an error names the address. */
  constructor(channel: Channel, address: Uint8Array, where: Details) {
    this.#channel = channel;
    this.#address = address;
    this.#where = where;
  }

  /**
   * @throws the error of connect(2), immediate or delayed; ECONNABORTED, the error of Linux for a repeated
   * connect(2), if other code has consumed the error with SO_ERROR
   */
  attempt(): undefined | null {
    const { fd } = this.#channel;
    if (this.#started && !this.#hasEnded(fd)) return this.#wait();
    const result = this.#started ? this.#outcome(fd) : native.connect(fd, this.#address);
    this.#started = true;
    if (result === EINPROGRESS) return this.#wait();
    if (result < 0) throw systemError(result, 'connect', { fd, ...this.#where });
    return undefined;
  }

  /** An earlier event, or one for the other direction, does not mean that connecting has ended. */
  #hasEnded(fd: number): boolean {
    return native.poll(Int32Array.of(fd, native.POLLOUT, 0), 1, 0) !== 0;
  }

  #outcome(fd: number): number {
    const error = native.socketError(fd);
    if (error < 0) return error;
    const peer = native.remoteAddress(fd, noRoom);
    // Darwin says EINVAL.
    return peer === ENOTCONN || peer === EINVAL ? ECONNABORTED : 0;
  }

  #wait(): null {
    this.#channel.writeWouldBlock();
    return null;
  }
}
