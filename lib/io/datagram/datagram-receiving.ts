import { addAbortCallback, removeAbortCallback } from '../../abort-callbacks';
import { busyError, closedError, EAGAIN, invalidValue, systemError } from '../../errors';
import { DONE } from '../../iteration';
import { native } from '../../native';
import { READABLE } from '../../poll/interest';
import { deferred, last } from '../../reactor/deferred';
import {
  type Abortable,
  integer,
  lengthOf,
  liveSignal,
  MOST_INT,
  options,
  roomProblem,
} from '../../validate';
import type { Channel } from '../channel';
import { MOST_MESSAGES } from './datagram-records';
import { Inbox, type ReceivedDatagram, type ReceivedInto } from './inbox';

const BATCH_CALL = native.HAS_BATCHES === 1 ? 'recvmmsg' : 'recvmsg';

// What a receive asks for: a list of at most so many datagrams, or one of these.

/** One datagram. */
const ONE = 0;
/** One datagram for an iterator; further ones may be received and kept for the next call. */
const NEXT = -1;

type Outcome = ReceivedDatagram | ReceivedInto | ReceivedDatagram[];

/** The receiving half of a `Datagram`. One receive at a time may be pending. */
export class Receiving {
  readonly #channel: Channel;
  readonly #inbox: Inbox;
  readonly #internet: boolean;
  #waiting = false;
  /** The caller's buffer, if any. */
  #into: Uint8Array | null = null;
  /** How many are asked for, ONE or NEXT. */
  #most = ONE;
  /** The iterator whose `next` is pending, if it is one. */
  #iterator: object | undefined;
  #resolve: (outcome: never) => void = ignore;
  #reject: (reason: unknown) => void = ignore;
  #signal: AbortSignal | undefined;
  #onAbort: () => void = ignore;

  constructor(channel: Channel, { family, details }: { family: number; details: boolean }) {
    this.#channel = channel;
    this.#inbox = new Inbox(details, () => {
      channel.readWouldBlock();
    });
    this.#internet = family !== native.AF_UNIX;
  }

  /** Receives one datagram, into the caller's buffer if there is one. */
  one(into: Uint8Array | null, o: Abortable | undefined): Promise<ReceivedDatagram | ReceivedInto> {
    return this.#receive(into, ONE, o);
  }

  /** Receives the next datagram for an iterator, until the socket is closed. */
  async next(iterator: object): Promise<IteratorResult<ReceivedDatagram, undefined>> {
    if (this.#channel.fd === -1) return DONE;
    if (!this.#waiting) this.#iterator = iterator;
    try {
      const value = await this.#receive<ReceivedDatagram | null>(null, NEXT, undefined);
      return value === null ? DONE : { done: false, value };
    } catch (error) {
      if (this.#channel.fd === -1) return DONE;
      throw error;
    }
  }

  /** Ends a pending `next` of this iterator, which takes no datagram. */
  leave(iterator: object): void {
    if (!this.#waiting || this.#most !== NEXT || this.#iterator !== iterator) return;
    this.#finish();
    this.#resolve(null as never);
  }

  many(
    o: (Abortable & { readonly max?: number | undefined }) | undefined,
  ): Promise<ReceivedDatagram[]> {
    let most: number;
    try {
      most = integer('options.max', options(o).max ?? MOST_MESSAGES, 1, MOST_INT);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#receive(null, most, o);
  }

  try(into: Uint8Array | undefined): ReceivedDatagram | ReceivedInto | null {
    const problem = into === undefined ? null : roomProblem(into);
    if (problem !== null) throw problem;
    this.#requireIdle();
    const outcome = this.#take(into ?? null, ONE);
    if (outcome === EAGAIN) return null;
    if (typeof outcome === 'number') throw this.#failure(outcome, ONE);
    return outcome as ReceivedDatagram | ReceivedInto;
  }

  /** The socket is readable: continues the pending receive. */
  continue(): void {
    if (!this.#waiting) return;
    const into = this.#into;
    // The user has detached the buffer: the datagram would be lost.
    if (into !== null && lengthOf(into) === 0) {
      this.fail(invalidValue('into', 'was detached', into));
      return;
    }
    if (!this.#mayTake()) return;
    const outcome = this.#take(into, this.#most);
    if (outcome === EAGAIN) return;
    if (typeof outcome === 'number') {
      this.fail(this.#failure(outcome, this.#most));
      return;
    }
    this.#finish();
    this.#resolve(outcome as never);
  }

  /** Rejects the pending receive. */
  fail(reason: unknown): void {
    if (!this.#waiting) return;
    this.#finish();
    this.#reject(reason);
  }

  #receive<T extends Outcome | null>(
    into: Uint8Array | null,
    most: number,
    o: Abortable | undefined,
  ): Promise<T> {
    const channel = this.#channel;
    let signal: AbortSignal | undefined;
    try {
      const misuse = into === null ? null : roomProblem(into);
      if (misuse !== null) throw misuse;
      signal = liveSignal(o);
      this.#requireIdle();
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.#mayTake() && channel.takeTurn()) {
      const outcome = this.#take(into, most);
      if (typeof outcome !== 'number') return Promise.resolve(outcome as T);
      if (outcome !== EAGAIN) return Promise.reject(this.#failure(outcome, most));
    }
    const problem = channel.park(READABLE);
    if (problem !== null) return Promise.reject(problem);
    this.#waiting = true;
    this.#into = into;
    this.#most = most;
    channel.hold(READABLE, true);
    const promise = deferred<T>();
    this.#resolve = last.resolve;
    this.#reject = last.reject;
    if (signal !== undefined) {
      this.#signal = signal;
      this.#onAbort = () => this.fail(signal.reason);
      addAbortCallback(signal, this.#onAbort);
    }
    return promise;
  }

  #requireIdle(): void {
    if (this.#channel.fd === -1) throw closedError('socket');
    if (this.#waiting) throw busyError('Another receive is under way');
  }

  #mayTake(): boolean {
    return this.#inbox.hasReady || this.#channel.mayRead;
  }

  /** Receives what is asked for, or returns a negated errno. */
  #take(into: Uint8Array | null, most: number): Outcome | number {
    const inbox = this.#inbox;
    const { fd } = this.#channel;
    if (into !== null) return inbox.receiveInto(fd, into);
    if (most === ONE) return inbox.receiveOne(fd);
    if (!inbox.hasReady) {
      if (this.#internet && most !== 1) inbox.enableTrains(fd);
      const received = inbox.fill(fd, most === NEXT ? MOST_MESSAGES : most);
      if (received < 0) return received;
    }
    return most === NEXT ? inbox.shift() : inbox.take(most);
  }

  #finish(): void {
    removeAbortCallback(this.#signal, this.#onAbort);
    this.#signal = undefined;
    this.#onAbort = ignore;
    this.#waiting = false;
    this.#into = null;
    this.#channel.hold(READABLE, false);
  }

  #failure(errno: number, most: number): Error {
    const call = most === ONE || most === 1 ? 'recvmsg' : BATCH_CALL;
    return systemError(errno, call, { fd: this.#channel.fd });
  }
}

function ignore(): void {
  // Until a receive is pending.
}
