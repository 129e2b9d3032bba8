import { EAGAIN, invalidValue, systemError } from '../../errors';
import { native } from '../../native';
import { bytesOf, lengthOf, options, type Source } from '../../validate';
import { socketFamily } from '../address';
import type { Channel } from '../channel';
import { type ControlMessage, encodeControl } from './control-messages';
import { flagsOf, type MessageFlags } from './message-flags';
import type { Operation } from './operations';
import { describe, encodeSocketAddress, type SocketAddress } from './socket-address';

/** What to send besides the bytes. */
export interface SendMessageOptions extends MessageFlags {
  /** The destination; omitted if the socket is connected. */
  readonly to?: SocketAddress;
  /** At most 253, over a Unix socket; the receiver gets duplicates of them (SCM_RIGHTS). */
  readonly descriptors?: Iterable<Source>;
  /** Other control messages. */
  readonly control?: Iterable<ControlMessage>;
}

/** A message as the system takes it. What is empty is not there. */
interface Envelope {
  readonly bytes: Uint8Array;
  readonly address: Uint8Array;
  readonly control: Uint8Array;
  readonly flags: number;
  readonly isStream: boolean;
  /** How an error names the address. */
  readonly where: { address?: string; port?: number };
}

const nothing = new Uint8Array(0);

/** `whose`: what the user calls the address. @throws what misuse is, before anything is sent */
export function envelopeOf(
  data: Uint8Array | string,
  o: SendMessageOptions | undefined,
  isStream: boolean,
  whose: string,
): Envelope {
  const bytes = bytesOf('data', data);
  const { to, control, descriptors, fds } = options<SendMessageOptions & { fds?: unknown }>(o);
  if (fds !== undefined) throw invalidValue('options.fds', 'is called descriptors here', fds);
  const along = encodeControl(control, descriptors);
  if (isStream && along.length > 0 && bytes.length === 0) {
    throw invalidValue('data', 'must not be empty where something goes along', data);
  }
  return {
    bytes,
    address: to === undefined ? nothing : encodeSocketAddress(whose, to),
    control: along,
    flags: flagsOf(o),
    isStream,
    where: to === undefined ? {} : describe(to),
  };
}

/** One message, or, on a stream, all of some bytes. */
export class SendingMessage implements Operation<undefined> {
  begun = false;
  readonly #channel: Channel;
  readonly #length: number;
  readonly #envelope: Envelope;
  #offset = 0;

  constructor(channel: Channel, envelope: Envelope) {
    this.#channel = channel;
    this.#length = envelope.bytes.length;
    this.#envelope = envelope;
  }

  /** @throws what sendmsg(2) answers; `ERR_INVALID_ARG_VALUE` for bytes that were given away */
  attempt(): undefined | null {
    if (lengthOf(this.#envelope.bytes) !== this.#length) {
      throw invalidValue('data', 'was detached', this.#envelope.bytes);
    }
    let refused = false;
    do {
      const count = this.#send();
      if (count >= 0) {
        this.#offset += count;
        this.begun = true;
      } else if (count !== EAGAIN) {
        throw this.#failure(count);
      } else if (!this.#mustWait()) {
        // Somebody was faster the first time. Twice: it is the peer's queue that is full.
        if (refused) throw this.#failure(count);
        refused = true;
      } else {
        this.#channel.writeWouldBlock();
        return null;
      }
    } while (!this.begun || this.#offset < this.#length);
    return undefined;
  }

  #send(): number {
    const { bytes, address, control, flags } = this.#envelope;
    // What goes along goes with the first bytes.
    const along = this.begun ? nothing : control;
    const { fd } = this.#channel;
    return native.sendMessage(fd, bytes, this.#offset, address, along, flags);
  }

  /**
   * Whether the kernel will tell when it takes more. Of the queue of somebody else it only does where
   * a Unix socket is connected to it; to others, as those of netlink, ours stays writable.
   */
  #mustWait(): boolean {
    const { address, isStream } = this.#envelope;
    if (address.length === 0 && (isStream || socketFamily(this.#channel.fd) === native.AF_UNIX))
      return true;
    const entry = new Int32Array([this.#channel.fd, native.POLLOUT, 0]);
    return native.poll(entry, 1, 0) === 0;
  }

  #failure(errno: number): Error {
    return systemError(errno, 'sendmsg', { fd: this.#channel.fd, ...this.#envelope.where });
  }
}
