import { busyError, closedError, EAGAIN, invalidType, invalidValue, systemError } from '../errors';
import { native } from '../native';
import { READABLE } from '../poll/interest';
import { deferred, last } from '../reactor/deferred';
import { type Abortable, integer, liveSignal, options } from '../validate';
import type { Channel } from './channel';
import { MOST_MESSAGES } from './datagram-records';
import { Inbox, type ReceivedDatagram, type ReceivedInto } from './inbox';

const CALL = native.HAS_BATCHES === 1 ? 'recvmmsg' : 'recvmsg';

/** What one call asks for. */
interface Wanted {
  /** The caller's memory, if any. */
  readonly into: Uint8Array | null;
  /** How many datagrams at most; 0 for one that is not in a list. */
  readonly most: number;
  /** How many messages may be received for it at once. */
  readonly messages: number;
}

const ONE: Wanted = { into: null, most: 0, messages: 1 };
const NEXT: Wanted = { into: null, most: 0, messages: MOST_MESSAGES };

type Outcome = ReceivedDatagram | ReceivedInto | ReceivedDatagram[];

/** The receiving half of a `Datagram`. One receive at a time may be under way. */
export class Receiving {
  readonly #channel: Channel;
  readonly #inbox: Inbox;
  readonly #internet: boolean;
  #wanted: Wanted | null = null;
  #resolve: (outcome: never) => void = ignore;
  #reject: (reason: unknown) => void = ignore;
  #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;

  constructor(channel: Channel, { family, details }: { family: number; details: boolean }) {
    this.#channel = channel;
    this.#inbox = new Inbox(details, () => {
      channel.readWouldBlock();
    });
    this.#internet = family !== native.AF_UNIX;
  }

  one(o: Abortable | undefined): Promise<ReceivedDatagram> {
    return this.#receive(() => ONE, o);
  }

  /** One, with which others may be received for the next call. */
  next(): Promise<ReceivedDatagram> {
    return this.#receive(() => NEXT, undefined);
  }

  into(into: Uint8Array, o: Abortable | undefined): Promise<ReceivedInto> {
    return this.#receive(() => wantedInto(into), o);
  }

  many(o: (Abortable & { readonly max?: number }) | undefined): Promise<ReceivedDatagram[]> {
    return this.#receive(() => {
      const { max = MOST_MESSAGES } = options(o);
      const most = integer('options.max', max, 1, 2 ** 31 - 1);
      return { into: null, most, messages: most };
    }, o);
  }

  try(into: Uint8Array | undefined): ReceivedDatagram | ReceivedInto | null {
    const wanted = into === undefined ? ONE : wantedInto(into);
    this.#requireIdle();
    if (!this.#mayTake()) return null;
    const outcome = this.#take(wanted);
    if (outcome === EAGAIN) return null;
    if (typeof outcome === 'number') throw this.#failure(outcome);
    return outcome as ReceivedDatagram | ReceivedInto;
  }

  /** The socket is readable: who waits goes on. */
  continue(): void {
    if (this.#wanted === null) return;
    const { into } = this.#wanted;
    // The user has given the memory away meanwhile: the datagram would be lost.
    if (into?.length === 0) {
      this.fail(invalidValue('into', 'was detached', into));
      return;
    }
    if (!this.#mayTake()) return;
    const outcome = this.#take(this.#wanted);
    if (outcome === EAGAIN) return;
    if (typeof outcome === 'number') {
      this.fail(this.#failure(outcome));
      return;
    }
    this.#finish();
    this.#resolve(outcome as never);
  }

  /** Who waits is told why it was in vain. */
  fail(reason: unknown): void {
    if (this.#wanted === null) return;
    this.#finish();
    this.#reject(reason);
  }

  #receive<T extends Outcome>(wants: () => Wanted, o: Abortable | undefined): Promise<T> {
    const channel = this.#channel;
    let wanted: Wanted;
    let signal: AbortSignal | undefined;
    try {
      wanted = wants();
      signal = liveSignal(o);
      this.#requireIdle();
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.#mayTake() && channel.takeTurn()) {
      const outcome = this.#take(wanted);
      if (typeof outcome !== 'number') return Promise.resolve(outcome as T);
      if (outcome !== EAGAIN) return Promise.reject(this.#failure(outcome));
    }
    const problem = channel.park(READABLE);
    if (problem !== null) return Promise.reject(problem);
    this.#wanted = wanted;
    channel.hold();
    const promise = deferred<T>();
    this.#resolve = last.resolve;
    this.#reject = last.reject;
    if (signal !== undefined) this.#listen(signal);
    return promise;
  }

  #requireIdle(): void {
    if (this.#channel.fd === -1) throw closedError('socket');
    if (this.#wanted !== null) throw busyError('Another receive is under way');
  }

  #mayTake(): boolean {
    return this.#inbox.hasReady || this.#channel.mayRead;
  }

  /** What is wanted, or a negated errno. */
  #take({ into, most, messages }: Wanted): Outcome | number {
    const inbox = this.#inbox;
    const { fd } = this.#channel;
    if (into !== null) return inbox.receiveInto(fd, into);
    if (!inbox.hasReady) {
      if (messages > 1 && this.#internet) inbox.enableTrains(fd);
      const received = inbox.fill(fd, messages);
      if (received < 0) return received;
    }
    return most === 0 ? inbox.shift() : inbox.take(most);
  }

  #finish(): void {
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#signal = undefined;
    this.#onAbort = undefined;
    this.#wanted = null;
    this.#channel.release();
  }

  #listen(signal: AbortSignal): void {
    this.#signal = signal;
    this.#onAbort = () => {
      this.fail(signal.reason);
    };
    signal.addEventListener('abort', this.#onAbort);
  }

  #failure(errno: number): Error {
    return systemError(errno, CALL, { fd: this.#channel.fd });
  }
}

/** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` */
function wantedInto(into: Uint8Array): Wanted {
  if (!(into instanceof Uint8Array)) throw invalidType('into', 'an instance of Uint8Array', into);
  if (into.length === 0) throw invalidValue('into', 'must have room for a byte', into);
  return { into, most: 0, messages: 1 };
}

function ignore(): void {
  // Nobody waits yet.
}
