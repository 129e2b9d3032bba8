import { check } from '../errors';
import { native } from '../native';
import { openWaker, sharedEnd, signalShared, type WakerEnds } from '../raw/waker';
import type { Abortable } from '../validate';
import { DescriptorSource } from './descriptor-source';

/** Names a waker to other threads of this process: a plain object, cloneable to a Worker. */
export interface WakerHandle {
  /** The descriptor that is written to; not to be used without the serial. */
  readonly end: number;
  /** Which of all wakers that had this descriptor it is. */
  readonly serial: number;
}

/** Wakes a waker of another thread. It owns nothing, and need not be closed. */
export class RemoteWaker {
  readonly #end: number;
  readonly #serial: number;

  /** @internal */
  constructor(end: number, serial: number) {
    this.#end = end;
    this.#serial = serial;
  }

  /**
   * Wakes whoever waits, or waits next. Answers whether there is still somebody to wake: `false` has
   * had no effect, since the waker was closed or its thread has ended.
   */
  wake(): boolean {
    return signalShared(this.#end, this.#serial);
  }
}

/**
 * Wakes the thread that waits, from any other: several wake-ups that nobody has seen yet are one.
 * Closed by `close`, with its thread, or when it is collected.
 *
 * @example
 * ```js
 * import { Waker } from 'iomux';
 * import { Worker } from 'node:worker_threads';
 * const waker = new Waker();
 * new Worker('./worker.mjs', { workerData: waker.handle });
 * for await (const _ of waker) console.log('there is something in the shared memory');
 * // in worker.mjs: Waker.from(workerData).wake()
 * ```
 */
export class Waker extends DescriptorSource<undefined> {
  readonly #ends: WakerEnds;
  #handle: WakerHandle | undefined;

  /** @throws `EMFILE`, `ENFILE`, `ENOMEM` */
  constructor() {
    const ends = openWaker('waker');
    super(ends.waitEnd);
    this.#ends = ends;
  }

  /**
   * The waker of another thread, to be woken and no more. The handle stays valid, and safe, when the
   * waker is closed.
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` for what is no handle
   */
  static from(handle: WakerHandle): RemoteWaker {
    return new RemoteWaker(...sharedEnd(handle, 'end'));
  }

  /** For `Waker.from` in any other thread of the process. @throws `ERR_CLOSED` */
  get handle(): WakerHandle {
    const end = this.#ends.signalEnd.open();
    return (this.#handle ??= { end, serial: native.shareWaker(end) });
  }

  /**
   * What native code of this process writes eight bytes to in order to wake it: a `uint64_t` of 1,
   * as an eventfd takes it. -1 once closed: whoever writes must be done by then.
   */
  get signalFd(): number {
    return this.#ends.signalEnd.fd;
  }

  /** As `RemoteWaker.wake`. */
  wake(): boolean {
    if (this.closed) return false;
    const end = this.signalFd;
    check(native.signalWaker(end), 'write', end);
    return true;
  }

  /**
   * Resolves when it is woken, at once if it has been since the last time. All who wait are told.
   * @throws `ERR_CLOSED`, also when it is closed meanwhile; the signal's reason
   */
  wait(o?: Abortable): Promise<void> {
    return this.next(o);
  }

  /** Whether it was woken since the last time. @throws `ERR_CLOSED` */
  tryTake(): boolean {
    return this.take() !== null;
  }

  /** Goes round whenever it is woken, until it is closed. */
  [Symbol.asyncIterator](): AsyncIterableIterator<undefined, undefined> {
    return this.all();
  }

  override close(): void {
    super.close();
    this.#ends.signalEnd.close();
  }

  /** @internal */
  protected override take(): undefined | null {
    const fd = this.#ends.waitEnd.open();
    return check(native.drainWaker(fd), 'read', fd) === 1 ? undefined : null;
  }
}
