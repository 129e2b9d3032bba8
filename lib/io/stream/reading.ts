import { addAbortListener } from 'node:events';
import { busyError, closedError, EAGAIN, invalidValue, systemError } from '../../errors';
import { deferred, last } from '../../reactor/deferred';
import { type Abortable, lengthOf, liveSignal, roomProblem } from '../../validate';
import { tellError } from '../diagnostics';
import type { Carrier } from './carrier';
import { Received } from './received';

/**
 * What a read takes out of the bytes that have come: its answer, or undefined when it needs more,
 * which it must not say when `ended`. It may throw instead, and is not called again then.
 */
export type Take<T> = (received: Received, ended: boolean) => T | undefined;

/** Who has the bytes of a stream instead of its reads, see `lend`. */
export interface Borrower {
  /** More may be there, or it is this stream's turn again. */
  onReadable(): void;
  /** The stream is being closed, and the bytes are not the borrower's any more. */
  onClose(reason: unknown): void;
}

/** The reads of one stream: what has been received, and the one read that may be under way. */
export class Reading {
  readonly #channel: Carrier;
  readonly #received = new Received();
  #closed = false;
  #bytesRead = 0;
  /** The read that waits, by its buffer or by what it takes, or who has borrowed the bytes. */
  #underWay: Uint8Array | Take<unknown> | Borrower | null = null;
  /** Who alone may leave it. */
  #owner: object | null = null;
  #holds = false;
  #resolve: (value: never) => void = ignore;
  #reject: (reason: unknown) => void = ignore;
  #signal: AbortSignal | undefined;
  #onAbort: () => void = ignore;

  constructor(channel: Carrier) {
    this.#channel = channel;
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  read(into: Uint8Array, o: Abortable | undefined): Promise<number> {
    const problem = roomProblem(into) ?? this.#unready();
    if (problem !== null) return Promise.reject(problem);
    let signal: AbortSignal | undefined;
    if (o !== undefined) {
      try {
        signal = liveSignal(o);
      } catch (error) {
        return Promise.reject(error);
      }
    }
    if (this.#channel.takeTurn()) {
      const result = this.#readInto(into, this.#channel.mayRead);
      if (result >= 0) return Promise.resolve(result);
      if (result !== EAGAIN) return Promise.reject(this.failure(result));
    }
    return this.#wait(into, signal);
  }

  tryRead(into: Uint8Array): number {
    const problem = roomProblem(into) ?? this.#unready();
    if (problem !== null) throw problem;
    const result = this.#readInto(into, this.#channel.mayTryRead);
    if (result === EAGAIN) return -1;
    if (result < 0) throw this.failure(result);
    return result;
  }

  /** A read of any other kind. `prepare` checks what it was asked for; `owner` may `leave` it. */
  start<T>(
    o: Abortable | undefined,
    prepare: () => Take<T>,
    owner: object | null = null,
  ): Promise<T> {
    let take: Take<T>;
    let signal: AbortSignal | undefined;
    try {
      take = prepare();
      signal = liveSignal(o);
      const problem = this.#unready();
      if (problem !== null) throw problem;
      const answer = this.#channel.takeTurn() ? this.#attempt(take) : undefined;
      if (answer !== undefined) return Promise.resolve(answer);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#wait(take, signal, owner);
  }

  /** More may be there, or it is this stream's turn again. */
  onReadable(): void {
    const underWay = this.#underWay;
    if (underWay === null) return;
    if (typeof underWay === 'function') this.#continueTaking(underWay);
    else if ('onReadable' in underWay) underWay.onReadable();
    else this.#continueReading(underWay);
  }

  /** Until `giveBack` nobody reads: to others it is a read that is under way. Or why it cannot be. */
  lend(borrower: Borrower): Error | null {
    const problem = this.#unready() ?? this.#channel.park();
    if (problem !== null) return problem;
    this.#begin(borrower);
    this.#reject = (reason) => {
      borrower.onClose(reason);
    };
    return null;
  }

  giveBack(): void {
    if (this.#underWay !== null) this.#finish();
  }

  // For the borrower, who finds in `received` what `receive` has received.

  get received(): Received {
    return this.#received;
  }

  receive(): number {
    return this.#count(this.#received.fill(this.#channel));
  }

  spliceInto(pipe: number, length: number): number {
    return this.#count(this.#channel.spliceInto(pipe, length));
  }

  /** Whether what is under way keeps the process alive, as it does when it begins. */
  keepAlive(holds: boolean): void {
    if (holds === this.#holds) return;
    this.#holds = holds;
    if (holds) this.#channel.hold();
    else this.#channel.release();
  }

  /** Whether something may be there and it is still this stream's turn. Otherwise the borrower is told. */
  mayReceive(): boolean {
    if (!this.#channel.mayRead) return false;
    if (this.#channel.takeTurn()) return true;
    this.#channel.park();
    return false;
  }

  failure(errno: number, syscall = this.#channel.transport.receiveCall): Error {
    const { fd } = this.#channel;
    return tellError(systemError(errno, syscall, { fd }), fd);
  }

  /** The read that is under way is rejected. What has been received stays for the next one. */
  fail(reason: unknown): void {
    if (this.#underWay === null) return;
    this.#finish();
    this.#reject(reason);
  }

  /** The read of that owner that is under way is over with this answer, and takes nothing. */
  leave(owner: object, answer: unknown): void {
    if (this.#owner !== owner) return;
    this.#finish();
    this.#resolve(answer as never);
  }

  /** No read from now on. The error is made for whoever waits, since its stack costs more than a close. */
  close(reason?: Error): void {
    this.#closed = true;
    if (this.#underWay !== null) this.fail(reason ?? closedError('stream'));
    this.#received.clear();
  }

  #unready(): Error | null {
    if (this.#closed) return closedError('stream');
    return this.#underWay === null ? null : busyError('Another read is under way');
  }

  #count(count: number): number {
    if (count > 0) this.#bytesRead += count;
    return count;
  }

  /** What was received already, else one recv(2) where there may be something. */
  #readInto(into: Uint8Array, mayRead: boolean): number {
    if (this.#received.length > 0) {
      const taken = this.#received.takeInto(into);
      this.#received.keep();
      return taken;
    }
    return mayRead ? this.#count(this.#channel.receive(into)) : EAGAIN;
  }

  /** Receives until there is an answer; undefined when nothing more is there, or the turn is over. */
  #attempt<T>(take: Take<T>): T | undefined {
    const received = this.#received;
    try {
      for (;;) {
        const answer = take(received, false);
        if (answer !== undefined || !this.#channel.mayRead) return answer;
        const count = this.receive();
        if (count === 0) return take(received, true);
        if (count === EAGAIN) return undefined;
        if (count < 0) throw this.failure(count);
        if (!this.#channel.takeTurn()) return take(received, false);
      }
    } finally {
      received.keep();
    }
  }

  #wait<T>(
    underWay: Uint8Array | Take<T>,
    signal: AbortSignal | undefined,
    owner: object | null = null,
  ): Promise<T> {
    const problem = this.#channel.park();
    if (problem !== null) return Promise.reject(problem);
    this.#begin(underWay);
    this.#owner = owner;
    const promise = deferred<T>();
    this.#resolve = last.resolve;
    this.#reject = last.reject;
    if (signal !== undefined) {
      this.#signal = signal;
      this.#onAbort = () => {
        this.fail(signal.reason);
      };
      addAbortListener(signal, this.#onAbort);
    }
    return promise;
  }

  #continueReading(into: Uint8Array): void {
    // The user has given the buffer away meanwhile: a read into it would look like the end.
    if (lengthOf(into) === 0) {
      this.fail(invalidValue('into', 'was detached', into));
      return;
    }
    const result = this.#readInto(into, this.#channel.mayRead);
    if (result === EAGAIN) return;
    if (result < 0) {
      this.fail(this.failure(result));
      return;
    }
    this.#finish();
    this.#resolve(result as never);
  }

  #continueTaking(take: Take<unknown>): void {
    let problem: unknown;
    try {
      const answer = this.#attempt(take);
      if (answer !== undefined) {
        this.#finish();
        this.#resolve(answer as never);
        return;
      }
      problem = this.#channel.park();
    } catch (error) {
      problem = error;
    }
    if (problem !== null) this.fail(problem);
  }

  #begin(underWay: Uint8Array | Take<unknown> | Borrower): void {
    this.#underWay = underWay;
    this.keepAlive(true);
  }

  #finish(): void {
    this.#underWay = null;
    this.#owner = null;
    this.keepAlive(false);
    if (this.#signal === undefined) return;
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#signal = undefined;
    this.#onAbort = ignore;
  }
}

function ignore(): void {
  // Stands where no read is under way.
}
