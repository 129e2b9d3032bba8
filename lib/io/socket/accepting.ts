import { EAGAIN, systemError } from '../../errors';
import { native } from '../../native';
import type { Channel } from '../channel';
import { LOST_CONNECTIONS } from '../network-errors';
import type { Operation } from './operations';

/** The descriptor of the next connection. */
export class Accepting implements Operation<number> {
  readonly #channel: Channel;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  attempt(): number | null {
    const { fd } = this.#channel;
    for (;;) {
      const result = native.accept(fd);
      if (result >= 0) return result;
      // The connection was gone before it was accepted: there may be another.
      if (LOST_CONNECTIONS.has(result)) continue;
      if (result !== EAGAIN) throw systemError(result, 'accept', { fd });
      this.#channel.readWouldBlock();
      return null;
    }
  }
}
