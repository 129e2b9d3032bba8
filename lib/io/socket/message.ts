import { native } from '../../native';
import { MSG_CTRUNC, MSG_TRUNC } from '../../raw/socket-constants';
import { decodeControl, type ReceivedControlMessage } from './control-messages';
import type { SocketAddress } from './socket-address';

const collected = new FinalizationRegistry<number[]>((descriptors) => {
  for (const fd of descriptors) native.close(fd);
});

/**
 * What `receiveMessage` resolves with.
 *
 * @example
 * ```js
 * const { length, truncated, descriptors } = await socket.receiveMessage(buffer, { maxDescriptors: 1 });
 * console.log(length, truncated);
 * for (const fd of descriptors) closeSync(fd); // reading `descriptors` makes you their owner
 * ```
 */
export class Message {
  /**
   * How many bytes were written into the buffer. With the flag `MSG_TRUNC` on Linux (recv(2)), the full
   * length of a message that was longer.
   */
  readonly length: number;
  /** The sender; `null` if it has no name, as with connected streams. */
  readonly address: SocketAddress | null;
  /** The control messages, except descriptors. */
  readonly control: ReceivedControlMessage[];
  /** MSG_ flags, as the system reports them. */
  readonly flags: number;
  readonly #descriptors: number[];
  #given = false;

  /**
   * @hidden The descriptors in `control` are owned by this thread. Part of the declarations, which
   * would otherwise have a constructor without parameters.
   */
  constructor(length: number, address: SocketAddress | null, control: Buffer, flags: number) {
    const decoded = decodeControl(control);
    this.length = length;
    this.address = address;
    this.flags = flags;
    this.control = decoded.control;
    this.#descriptors = decoded.descriptors;
    if (this.#descriptors.length > 0) collected.register(this, this.#descriptors, this);
  }

  /** Whether the message was longer than the buffer; the rest of it is lost. */
  get truncated(): boolean {
    return (this.flags & MSG_TRUNC) !== 0;
  }

  /** Whether control messages were lost; descriptors beyond `maxDescriptors` are closed. */
  get controlTruncated(): boolean {
    return (this.flags & MSG_CTRUNC) !== 0;
  }

  /**
   * The descriptors received, close-on-exec. Reading this property makes you their owner: close them, or
   * pass them to something that does (`Stream.fromFd`). If it is never read, they are closed when the
   * thread ends, or when the message is garbage collected.
   */
  get descriptors(): readonly number[] {
    if (!this.#given) {
      this.#given = true;
      collected.unregister(this);
      for (const fd of this.#descriptors) native.disown(fd);
    }
    return this.#descriptors;
  }
}
