import { EAGAIN, systemError } from '../../errors';
import { acceptNext } from '../accept';
import type { Channel } from '../channel';
import type { Operation } from '../operations';

/** Accepts one connection; the result is its descriptor. */
export class Accepting implements Operation<number> {
  readonly #channel: Channel;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  attempt(): number | null {
    const { fd } = this.#channel;
    const result = acceptNext(fd);
    if (result >= 0) return result;
    if (result !== EAGAIN) throw systemError(result, 'accept', { fd });
    this.#channel.readWouldBlock();
    return null;
  }
}
