import { setImmediate } from '../../clock';
import {
  busyError,
  closedError,
  EAGAIN,
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
import { SendQueue } from './send-queue';

/** What `sendMany` rejects with when a datagram of it fails. */
export interface SendManyError extends SystemError {
  /** How many datagrams went before the one that failed. */
  sent: number;
}

const taken = Promise.resolve();
const BATCH_CALL = native.HAS_BATCHES === 1 ? 'sendmmsg' : 'sendmsg';
/** What a train may be refused with where its datagrams by themselves are not. */
const NO_TRAINS = new Set([EINVAL, EIO, EMSGSIZE]);

/** Whether the kernel cuts up trains of datagrams; known from the first batch on. */
let cutsTrains: boolean | undefined;

/**
 * The sending half of a `Datagram`. Calls answer 0 or how many datagrams went, EAGAIN where to wait
 * helps, or another negated errno.
 */
export class Sending {
  readonly #channel: Channel;
  readonly #sender: Sender;
  readonly #unix: boolean;
  readonly #queue = new SendQueue({
    send: (packed) => this.#push(packed),
    failure: (errno, packed, many) => this.#batchFailure(errno, packed, many),
    onFirst: () => this.#channel.hold(),
    onEmpty: () => this.#onEmpty(),
  });
  /** Resolves when it is this socket's turn again. */
  #turn: Promise<void> | undefined;
  /** Whether datagrams may go as trains. Not once one was refused: the next would be too. */
  #trains: boolean;

  constructor(channel: Channel, sender: Sender) {
    this.#channel = channel;
    this.#sender = sender;
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
      if (this.#queue.empty) {
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
    // Last: it is good until the next call, which code of the user's in `to` may make.
    const packed = o === undefined ? o : pack([bytes], to, options(o), this.#sender);
    this.#requireOpen();
    if (!this.#queue.empty) throw busyError('Another send is under way');
    const result = packed ? this.#sendBatch(packed) : this.#sendOne(bytes, address);
    if (result === EAGAIN) return false;
    if (result < 0) throw this.#failure(result, packed ? BATCH_CALL : 'sendto', to);
    return true;
  }

  /** The socket is writable: what waits goes on. */
  continue(): void {
    if (this.#queue.empty) return;
    if (this.#queue.flush()) {
      this.#onEmpty();
      return;
    }
    const problem = this.#park();
    if (problem !== null) this.fail(problem);
  }

  fail(reason: Error): void {
    if (this.#queue.empty) return;
    this.#queue.fail(reason);
    this.#channel.release();
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
    const result = this.#queue.empty ? this.#push(packed) : EAGAIN;
    if (result === 0) return this.#taken();
    if (result === EAGAIN) return this.#wait(packed, signal, many);
    return Promise.reject(this.#batchFailure(result, packed, many));
  }

  /**
   * What is answered when the kernel has taken it all. Now and then it takes until the others have
   * had their turn: promises run before anything else.
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
    return this.#queue.push(keep(packed), many, signal);
  }

  /** Until the socket is writable, or, where only its turn is over, until the next; or why not. */
  #park(): Error | null {
    return this.#channel.park(this.#channel.knownWritable ? 0 : WRITABLE);
  }

  #onEmpty(): void {
    this.#channel.release();
    this.#channel.leaveWritable();
  }

  /** Hands over all of it, while it is this socket's turn. */
  #push(packed: Packed): number {
    while (packed.first < packed.count) {
      const result = this.#sendBatch(packed);
      if (result === EAGAIN) this.#channel.writeWouldBlock();
      if (result < 0) return result;
      if (packed.first < packed.count && !this.#channel.takeTurn()) return EAGAIN;
    }
    return 0;
  }

  /** Hands over what one call takes. */
  #sendBatch(packed: Packed): number {
    let trains = packed.count - packed.first > 1 && this.#mayUseTrains();
    let result = this.#call(packed, trains);
    if (trains && NO_TRAINS.has(result)) {
      // A device, a route or a filter on the way does not do it; or it is a datagram's own fault.
      trains = false;
      result = this.#call(packed, trains);
      if (result > 0) this.#trains = false;
    }
    if (result < 0 && this.#unix) {
      const addressed = nextDestination(packed) !== undefined;
      result = this.#tryAgain(result, addressed, () => this.#call(packed, false));
    }
    if (result > 0) packed.first += result;
    return result;
  }

  #sendOne(bytes: Uint8Array, address: Uint8Array): number {
    const { fd } = this.#channel;
    const result = native.sendDatagram(fd, bytes, address);
    if (result >= 0 || !this.#unix) return result;
    return this.#tryAgain(result, address.length > 0, () =>
      native.sendDatagram(fd, bytes, address),
    );
  }

  /**
   * What a refusal means to a Unix socket.
   *
   * EAGAIN: our own buffer is full, or the queue of the receiver. Of that a socket is told only when
   * it is connected to it, and is writable all the time otherwise. To wait would be to hang, so that
   * this is ENOBUFS, as other systems have it.
   *
   * ENOTCONN: the receiver was closed, and an earlier send was told so. Somebody may have bound its
   * address again since.
   */
  #tryAgain(refusal: number, addressed: boolean, call: () => number): number {
    const { fd } = this.#channel;
    if (refusal === ENOTCONN && !addressed) {
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
    return this.#trains && (cutsTrains ??= native.checkSegments(this.#channel.fd) === 0);
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
