import { EAGAIN, invalidValue, nameErrno, systemError } from '../../errors';
import { native } from '../../native';
import { bytesOf, lengthOf, options, type Source } from '../../validate';
import { socketFamily } from '../address';
import type { Channel } from '../channel';
import { type ControlMessage, encodeControl } from './control-messages';
import { flagsOf, type MessageFlags } from './message-flags';
import type { Operation } from '../operations';
import { describe, encodeSocketAddress, type SocketAddress } from './socket-address';

/** What to send besides the bytes. */
export interface SendMessageOptions extends MessageFlags {
  /** The destination; omitted if the socket is connected. */
  readonly to?: SocketAddress | undefined;
  /** At most 253, over a Unix socket; the receiver gets duplicates of them (SCM_RIGHTS). */
  readonly descriptors?: Iterable<Source> | undefined;
  /** Other control messages. */
  readonly control?: Iterable<ControlMessage> | undefined;
}

const nothing = new Uint8Array(0);

/** A message as the system takes it. An empty part stands for none; `where` is the address in errors. */
type Envelope = ReturnType<typeof envelopeOf>;

nameErrno(-native.ETOOMANYREFS, 'ETOOMANYREFS', 'too many references');

/** `addressName`: the user's name for the address. @throws on invalid arguments, before anything is sent */
export function envelopeOf(
  data: Uint8Array | string,
  o: SendMessageOptions | undefined,
  isStream: boolean,
  addressName: string,
) {
  const bytes = bytesOf('data', data);
  const { to, control, descriptors, fds } = options<SendMessageOptions & { fds?: unknown }>(o);
  if (fds !== undefined) throw invalidValue('options.fds', 'is called descriptors here', fds);
  const encoded = encodeControl(control, descriptors);
  if (isStream && encoded.length > 0 && bytes.length === 0) {
    throw invalidValue('data', 'must not be empty where something goes along', data);
  }
  return {
    bytes,
    address: to === undefined ? nothing : encodeSocketAddress(addressName, to),
    control: encoded,
    flags: flagsOf(o),
    isStream,
    where: to === undefined ? {} : describe(to),
  };
}

/** Sends one message or, on a stream, all of the bytes. */
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

  /** @throws the error of sendmsg(2); `ERR_INVALID_ARG_VALUE` if the bytes were detached */
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
        // Our own queue has room by now, so try again. If that fails too, the peer's queue is full.
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
    // Control messages go with the first bytes.
    const attached = this.begun ? nothing : control;
    const { fd } = this.#channel;
    return native.sendMessage(fd, bytes, this.#offset, address, attached, flags);
  }

  /**
   * Whether the kernel will report when it takes more. For a full queue of the receiver it does so only if it
   * is a Unix socket that ours is connected to; otherwise, as with netlink, our socket stays writable.
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
