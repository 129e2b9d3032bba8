import { EAGAIN, invalidValue, systemError } from '../../errors';
import { native } from '../../native';
import { lengthOf, roomProblem } from '../../validate';
import { ADDRESS_LENGTH, senderOf } from '../address';
import type { Channel } from '../channel';
import { Message } from './message';
import type { MessageFlags } from './message-flags';
import type { Operation } from '../operations';
import { decodeSocketAddress } from './socket-address';

/** What to receive besides the bytes. */
export interface ReceiveMessageOptions extends MessageFlags {
  /** The most descriptors to accept; 0 by default. Those beyond it are closed at once. */
  readonly maxDescriptors?: number | undefined;
}

const name = new Uint8Array(ADDRESS_LENGTH);
const room = Buffer.alloc(native.MOST_CONTROL);
const noRoom = Buffer.alloc(0);
/** The lengths of the address and of the control messages, and the flags. */
const results = new Int32Array(3);

/** One recvmsg(2) into a buffer of the caller. */
abstract class Receiving<T> implements Operation<T> {
  readonly #channel: Channel;
  readonly #into: Uint8Array;
  readonly #flags: number;

  /** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` */
  constructor(channel: Channel, into: Uint8Array, flags: number) {
    const problem = roomProblem(into);
    if (problem !== null) throw problem;
    this.#channel = channel;
    this.#into = into;
    this.#flags = flags;
  }

  /** Whether the call may succeed. With flags it may read another queue, such as that of errors. */
  get promising(): boolean {
    return this.#flags !== 0 || this.#channel.mayRead;
  }

  /** @throws the error of recvmsg(2); `ERR_INVALID_ARG_VALUE` if the buffer was detached */
  attempt(): T | null {
    if (lengthOf(this.#into) === 0) throw invalidValue('into', 'was detached', this.#into);
    const { fd } = this.#channel;
    const result = this.receive(fd, this.#into, this.#flags);
    if (typeof result !== 'number' || result >= 0) return result as T;
    if (result !== EAGAIN) throw systemError(result, 'recvmsg', { fd });
    if (this.#flags === 0) this.#channel.readWouldBlock();
    return null;
  }

  /** Returns what was received, or a negated errno. */
  protected abstract receive(fd: number, into: Uint8Array, flags: number): T | number;
}

/** Receives only the bytes; the result is how many. */
export class ReceivingBytes extends Receiving<number> {
  protected receive(fd: number, into: Uint8Array, flags: number): number {
    return native.receiveMessage(fd, into, flags, name, noRoom, 0, results);
  }
}

/** Receives the bytes with the sender and, unless `mostDescriptors` is -1, the control messages. */
export class ReceivingMessage extends Receiving<Message> {
  readonly #mostDescriptors: number;

  constructor(channel: Channel, into: Uint8Array, flags: number, mostDescriptors: number) {
    super(channel, into, flags);
    this.#mostDescriptors = mostDescriptors;
  }

  protected receive(fd: number, into: Uint8Array, flags: number): Message | number {
    const most = this.#mostDescriptors;
    const control = most === -1 ? noRoom : room;
    const count = native.receiveMessage(fd, into, flags, name, control, most, results);
    if (count < 0) return count;
    const address = senderOf(decodeSocketAddress(name.subarray(0, results[0])));
    return new Message(count, address, room.subarray(0, results[1]), results[2]);
  }
}
