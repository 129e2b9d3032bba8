import { EINPROGRESS, ENOTCONN, systemError } from '../../errors';
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

  /** @throws what connect(2) answers, at once or in the end */
  attempt(): undefined | null {
    const { fd } = this.#channel;
    const result = this.#asked ? native.socketError(fd) : native.connect(fd, this.#address);
    if (result < 0 && result !== EINPROGRESS) {
      throw systemError(result, 'connect', { fd, ...this.#where });
    }
    const pending = this.#asked
      ? // An event of before, or of the other direction, does not mean that it has ended.
        native.remoteAddress(fd, nobody) === ENOTCONN
      : result === EINPROGRESS;
    this.#asked = true;
    if (!pending) return undefined;
    this.#channel.writeWouldBlock();
    return null;
  }
}
