import { addAbortCallback, removeAbortCallback } from '../../abort-callbacks';
import { busyError, closedError, EAGAIN, invalidValue, systemError } from '../../errors';
import { DONE } from '../../iteration';
import { READABLE } from '../../poll/interest';
import { deferred, last } from '../../reactor/deferred';
import { type Abortable, lengthOf, liveSignal, roomProblem } from '../../validate';
import { publishError } from '../diagnostics';
import type { Carrier } from './carrier';
import { Received } from './received';
import { chunk } from './takes';

/**
 * Takes the result of a read out of the received bytes. Returns undefined if it needs more, which is not
 * allowed when `ended`. If it throws, the read is rejected, and it is not called again.
 */
export type Take<T> = (received: Received, ended: boolean) => T | undefined;

/** Receives the bytes of a stream in place of its reads; see `lend`. */
export interface Borrower {
  /** More bytes may be available, or it is this stream's turn again. */
  onReadable(): void;
  /** The stream is being closed: the borrower must not receive any more. */
  onClose(reason: unknown): void;
}

/** The reads of one stream: the bytes that have been received, and the pending read, if any. */
export class Reading {
  readonly #channel: Carrier;
  readonly #received = new Received();
  #closed = false;
  #bytesRead = 0;
  /** The pending read, as its buffer or its `Take`, or the borrower. */
  #pending: Uint8Array | Take<unknown> | Borrower | null = null;
  /** Whose `next` the pending read is, if it is one. */
  #iterator: object | null = null;
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
    let signal: AbortSignal | undefined;
    try {
      const problem = roomProblem(into) ?? this.#unready();
      if (problem !== null) throw problem;
      signal = liveSignal(o);
    } catch (error) {
      return Promise.reject(error);
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

  /** Reads the next chunk for an iterator. */
  next(iterator: object): Promise<IteratorResult<Buffer, undefined>> {
    return this.start(undefined, takeChunk, iterator);
  }

  /** Ends a pending `next` of this iterator, which consumes no bytes. */
  leave(iterator: object): void {
    if (this.#iterator !== iterator) return;
    this.#finish();
    this.#resolve(DONE as never);
  }

  /** Starts a read of any other kind. `prepare` checks the arguments. */
  start<T>(
    o: Abortable | undefined,
    prepare: () => Take<T>,
    iterator: object | null = null,
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
    return this.#wait(take, signal, iterator);
  }

  /** More bytes may be available, or it is this stream's turn again. */
  onReadable(): void {
    const pending = this.#pending;
    if (pending === null) return;
    if (typeof pending === 'function') this.#continueTaking(pending);
    else if ('onReadable' in pending) pending.onReadable();
    else this.#continueReading(pending);
  }

  /** Gives the bytes to `borrower` until `giveBack`; reads meanwhile are ERR_BUSY. Returns an error on failure. */
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
    if (this.#pending !== null) this.#finish();
  }

  // For the borrower. `receive` adds to `received`.

  get received(): Received {
    return this.#received;
  }

  receive(): number {
    return this.#count(this.#received.fill(this.#channel));
  }

  spliceInto(pipe: number, length: number): number {
    return this.#count(this.#channel.spliceInto(pipe, length));
  }

  /** Sets whether the pending read keeps the process alive; when it starts, it does. */
  keepAlive(holds: boolean): void {
    this.#channel.hold(READABLE, holds);
  }

  /** Whether the borrower may receive now. If only the turn is over, `onReadable` will be called. */
  mayReceive(): boolean {
    if (!this.#channel.mayRead) return false;
    if (this.#channel.takeTurn()) return true;
    this.#channel.park();
    return false;
  }

  failure(errno: number, syscall = this.#channel.transport.receiveCall): Error {
    const { fd } = this.#channel;
    return publishError(systemError(errno, syscall, { fd }), fd);
  }

  /** Rejects the pending read. Bytes that were received stay for the next one. */
  fail(reason: unknown): void {
    if (this.#pending === null) return;
    this.#finish();
    this.#reject(reason);
  }

  /** Ends all reads. The error is created only for a pending read: its stack costs more than the close. */
  close(reason?: Error): void {
    this.#closed = true;
    if (this.#pending !== null) this.fail(reason ?? closedError('stream'));
    this.#received.clear();
  }

  #unready(): Error | null {
    if (this.#closed) return closedError('stream');
    return this.#pending === null ? null : busyError('Another read is under way');
  }

  #count(count: number): number {
    if (count > 0) this.#bytesRead += count;
    return count;
  }

  /** Takes bytes that were received already, else makes one recv(2) if there may be something. */
  #readInto(into: Uint8Array, mayRead: boolean): number {
    if (this.#received.length > 0) {
      const taken = this.#received.takeInto(into);
      this.#received.keep();
      return taken;
    }
    return mayRead ? this.#count(this.#channel.receive(into)) : EAGAIN;
  }

  /** Receives until `take` has its result; undefined if nothing is left to receive or the turn is over. */
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
    pending: Uint8Array | Take<T>,
    signal: AbortSignal | undefined,
    iterator: object | null = null,
  ): Promise<T> {
    const problem = this.#channel.park();
    if (problem !== null) return Promise.reject(problem);
    this.#begin(pending);
    this.#iterator = iterator;
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

  #continueReading(into: Uint8Array): void {
    // The user has detached the buffer: a read into it would look like the end.
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

  #begin(pending: Uint8Array | Take<unknown> | Borrower): void {
    this.#pending = pending;
    this.keepAlive(true);
  }

  #finish(): void {
    this.#pending = null;
    this.#iterator = null;
    this.keepAlive(false);
    if (this.#signal === undefined) return;
    removeAbortCallback(this.#signal, this.#onAbort);
    this.#signal = undefined;
    this.#onAbort = ignore;
  }
}

const takeChunk = (): Take<IteratorResult<Buffer, undefined>> => chunk;

function ignore(): void {
  // Until a read is pending.
}
