import { setImmediate } from '../../clock';
import {
  busyError,
  closedError,
  EAGAIN,
  EDESTADDRREQ,
  EINVAL,
  EIO,
  EMSGSIZE,
  ENOBUFS,
  ENOTCONN,
  systemError,
  type SystemError,
} from '../../errors';
import { native } from '../../native';
import { WRITABLE } from '../../poll/interest';
import { type Abortable, bytesOf, listOf, liveSignal, options } from '../../validate';
import type { Destination } from './address-cache';
import type { Channel } from '../channel';
import { Operations } from '../operations';
import {
  type DatagramHeader,
  destinationOf,
  keep,
  nextDestination,
  type OutgoingDatagram,
  pack,
  type Packed,
  type Sender,
} from './outbox';

/** What `sendMany` rejects with when one of the datagrams fails. */
export interface SendManyError extends SystemError {
  /** How many datagrams were sent before the one that failed. */
  sent: number;
}

const taken = Promise.resolve();
const BATCH_CALL = native.HAS_BATCHES === 1 ? 'sendmmsg' : 'sendmsg';
/** Errors for a train whose datagrams may succeed one by one. */
const TRAIN_REFUSALS = new Set([EINVAL, EIO, EMSGSIZE]);

/** Whether the kernel splits trains of datagrams (GSO); known from the first batch on. */
let splitsTrains: boolean | undefined;

/**
 * The sending half of a `Datagram`. The private calls return 0 or how many datagrams were sent, EAGAIN if an
 * event will follow, or another negated errno.
 */
export class Sending {
  readonly #channel: Channel;
  readonly #sender: Sender;
  readonly #unix: boolean;
  /** The sends that the kernel has not taken immediately. */
  readonly #pending: Operations;
  /** Resolves when it is this socket's turn again. */
  #turn: Promise<void> | undefined;
  /** Whether to send trains. No longer once one was refused, since the next would be too. */
  #trains: boolean;

  constructor(channel: Channel, sender: Sender) {
    this.#channel = channel;
    this.#sender = sender;
    this.#pending = new Operations(channel, WRITABLE);
    this.#unix = sender.family === native.AF_UNIX;
    this.#trains = !this.#unix;
  }

  send(
    data: Uint8Array | string,
    to: Destination | undefined,
    o: (DatagramHeader & Abortable) | undefined,
  ): Promise<void> {
    try {
      const bytes = bytesOf('data', data);
      if (o !== undefined) return this.#sendPacked([bytes], to, o, false);
      const address = destinationOf('to', to, this.#sender);
      this.#requireOpen();
      if (this.#pending.idle) {
        const result = this.#sendOne(bytes, address);
        if (result === 0) return this.#taken();
        if (result !== EAGAIN) return Promise.reject(this.#failure(result, 'sendto', to));
        this.#channel.writeWouldBlock();
      }
      return this.#wait(pack([bytes], to, undefined, this.#sender), undefined, false);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  sendMany(
    messages: Iterable<Uint8Array | string | OutgoingDatagram>,
    to: Destination | undefined,
    o: (DatagramHeader & Abortable) | undefined,
  ): Promise<void> {
    try {
      return this.#sendPacked(listOf('messages', messages), to, o, true);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  trySend(
    data: Uint8Array | string,
    to: Destination | undefined,
    o: DatagramHeader | undefined,
  ): boolean {
    const bytes = bytesOf('data', data);
    const address = destinationOf('to', to, this.#sender);
    // Last: the result is valid until the next call of `pack`, and a getter in `to` may cause one.
    const packed = o === undefined ? o : pack([bytes], to, options(o), this.#sender);
    this.#requireOpen();
    if (!this.#pending.idle) throw busyError('Another send is under way');
    const result = packed ? this.#sendBatch(packed) : this.#sendOne(bytes, address);
    if (result === EAGAIN) return false;
    if (result < 0) throw this.#failure(result, packed ? BATCH_CALL : 'sendto', to);
    return true;
  }

  /** The socket is writable: continues pending sends. */
  continue(): void {
    this.#pending.proceed();
    if (this.#pending.idle) {
      this.#channel.stopWatchingWritable();
      return;
    }
    const problem = this.#park();
    if (problem !== null) this.fail(problem);
  }

  fail(reason: Error): void {
    this.#pending.fail(reason);
  }

  #requireOpen(): void {
    if (this.#channel.fd === -1) throw closedError('socket');
  }

  #sendPacked(
    messages: readonly (Uint8Array | string | OutgoingDatagram)[],
    to: Destination | undefined,
    o: (DatagramHeader & Abortable) | undefined,
    many: boolean,
  ): Promise<void> {
    const signal = liveSignal(o);
    const packed = pack(messages, to, o, this.#sender);
    this.#requireOpen();
    const result = this.#pending.idle ? this.#push(packed) : EAGAIN;
    if (result === 0) return this.#taken();
    if (result === EAGAIN) return this.#wait(packed, signal, many);
    return Promise.reject(this.#batchFailure(result, packed, many));
  }

  /**
   * The result when the kernel has taken everything. When this socket's turn is over, it resolves only after
   * the others have had theirs, since promises run before anything else.
   */
  #taken(): Promise<void> {
    if (this.#channel.takeTurn()) return taken;
    this.#channel.park(0);
    return (this.#turn ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#turn = undefined;
        resolve();
      });
    }));
  }

  #wait(packed: Packed, signal: AbortSignal | undefined, many: boolean): Promise<void> {
    const problem = this.#park();
    if (problem !== null) return Promise.reject(problem);
    const kept = keep(packed);
    return this.#pending.add<undefined>({ attempt: () => this.#continue(kept, many) }, signal);
  }

  /** Sends the rest; `null` means to wait. */
  #continue(packed: Packed, many: boolean): undefined | null {
    const result = this.#push(packed);
    if (result === EAGAIN) return null;
    if (result < 0) throw this.#batchFailure(result, packed, many);
    return undefined;
  }

  /** Waits until the socket is writable or, if only its turn is over, for the next turn. */
  #park(): Error | null {
    return this.#channel.park(this.#channel.knownWritable ? 0 : WRITABLE);
  }

  /** Sends everything, as long as it is this socket's turn. */
  #push(packed: Packed): number {
    while (packed.first < packed.count) {
      const result = this.#sendBatch(packed);
      if (result === EAGAIN) this.#channel.writeWouldBlock();
      if (result < 0) return result;
      if (packed.first < packed.count && !this.#channel.takeTurn()) return EAGAIN;
    }
    return 0;
  }

  /** Sends what one call takes. */
  #sendBatch(packed: Packed): number {
    let trains = packed.count - packed.first > 1 && this.#mayUseTrains();
    let result = this.#call(packed, trains);
    if (trains && TRAIN_REFUSALS.has(result)) {
      // A device, a route or a filter does not support trains, or a datagram itself is invalid.
      trains = false;
      result = this.#call(packed, trains);
      if (result > 0) this.#trains = false;
    }
    if (result < 0 && this.#unix) {
      const addressed = nextDestination(packed) !== undefined;
      result = this.#retry(result, addressed, () => this.#call(packed, false));
    }
    if (result > 0) packed.first += result;
    return result;
  }

  #sendOne(bytes: Uint8Array, address: Uint8Array): number {
    const { fd } = this.#channel;
    const result = native.sendDatagram(fd, bytes, address);
    if (result >= 0 || !this.#unix) return result;
    return this.#retry(result, address.length > 0, () => native.sendDatagram(fd, bytes, address));
  }

  /**
   * Handles an error of a Unix socket.
   *
   * EAGAIN: our own buffer or the queue of the receiver is full. When the latter has room, the kernel reports
   * this only to a socket that is connected to it; any other is always writable. Waiting would never end, so
   * the result is ENOBUFS, as on other systems.
   *
   * ENOTCONN, on BSD EDESTADDRREQ: the receiver was closed, which an earlier send has reported. Its address
   * may have been bound again since.
   */
  #retry(refusal: number, addressed: boolean, call: () => number): number {
    const { fd } = this.#channel;
    if ((refusal === ENOTCONN || refusal === EDESTADDRREQ) && !addressed) {
      return native.connect(fd, this.#sender.peer) < 0 ? refusal : call();
    }
    if (refusal !== EAGAIN || !addressed) return refusal;
    if (native.poll(Int32Array.of(fd, native.POLLOUT, 0), 1, 0) !== 1) return EAGAIN;
    const result = call();
    return result === EAGAIN ? ENOBUFS : result;
  }

  #call({ bytes, addresses, records, first, count }: Packed, trains: boolean): number {
    const { family, peerFamily } = this.#sender;
    const { fd } = this.#channel;
    const header = peerFamily ?? family;
    const rest = count - first;
    return native.sendDatagrams(fd, bytes, addresses, records, first, rest, header, trains);
  }

  #mayUseTrains(): boolean {
    return this.#trains && (splitsTrains ??= native.checkSegments(this.#channel.fd) === 0);
  }

  #batchFailure(errno: number, packed: Packed, many: boolean): Error {
    const error = this.#failure(errno, BATCH_CALL, nextDestination(packed));
    return many ? Object.assign(error, { sent: packed.first }) : error;
  }

  #failure(errno: number, syscall: string, to: Destination | undefined): SystemError {
    const { fd } = this.#channel;
    const { address, port, path } = Object(to) as Partial<Destination>;
    if (path !== undefined) return systemError(errno, syscall, { fd, address: path });
    if (address === undefined) return systemError(errno, syscall, { fd });
    return systemError(errno, syscall, { fd, address, port });
  }
}
