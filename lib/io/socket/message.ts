import { native } from '../../native';
import { MSG_CTRUNC, MSG_TRUNC } from '../../raw/socket-constants';
import { decodeControl, type ReceivedControlMessage } from './control-messages';
import type { SocketAddress } from './socket-address';

const forgotten = new FinalizationRegistry<number[]>((descriptors) => {
  for (const fd of descriptors) native.close(fd);
});

/**
 * What `receiveMessage` resolves with.
 *
 * @example
 * ```js
 * const { length, truncated, descriptors } = await socket.receiveMessage(buffer, { maxDescriptors: 1 });
 * console.log(length, truncated);
 * for (const fd of descriptors) closeSync(fd); // whoever looks at them owns them
 * ```
 */
export class Message {
  /**
   * How many bytes were written into the buffer. How long the message was, if it was longer, with the
   * flag `MSG_TRUNC` on Linux (recv(2)).
   */
  readonly length: number;
  /** Who sent it; `null` where that has no name, as with connected streams. */
  readonly address: SocketAddress | null;
  /** What came along, but for descriptors. */
  readonly control: ReceivedControlMessage[];
  /** MSG_ flags, as the system reports them. */
  readonly flags: number;
  readonly #descriptors: number[];
  #given = false;

  /**
   * @hidden `control`: entries, whose descriptors belong to this thread. Stays in the declarations:
   * without it they have one that takes nothing.
   */
  constructor(length: number, address: SocketAddress | null, control: Buffer, flags: number) {
    const decoded = decodeControl(control);
    this.length = length;
    this.address = address;
    this.flags = flags;
    this.control = decoded.control;
    this.#descriptors = decoded.descriptors;
    if (this.#descriptors.length > 0) forgotten.register(this, this.#descriptors, this);
  }

  /** Whether the message was longer than the buffer; the rest of it is lost. */
  get truncated(): boolean {
    return (this.flags & MSG_TRUNC) !== 0;
  }

  /** Whether something that came along is lost: descriptors beyond `maxDescriptors` are closed. */
  get controlTruncated(): boolean {
    return (this.flags & MSG_CTRUNC) !== 0;
  }

  /**
   * The descriptors that came along, close-on-exec. Whoever reads this owns them from then on, and
   * must close them, or hand them to something that does (`Stream.fromFd`). Until then they are
   * closed with the thread, or when the message is collected.
   */
  get descriptors(): readonly number[] {
    if (!this.#given) {
      this.#given = true;
      forgotten.unregister(this);
      for (const fd of this.#descriptors) native.disown(fd);
    }
    return this.#descriptors;
  }
}
