import { check } from '../errors';
import { native } from '../native';
import { openWaker, sharedEnd, signalShared, type WakerEnds } from '../raw/waker';
import type { Abortable } from '../validate';
import { DescriptorSource } from './descriptor-source';

/** Identifies a waker to other threads of this process: a plain object that can be cloned to a Worker. */
export interface WakerHandle {
  /** The descriptor to write to; not to be used without the serial. */
  readonly end: number;
  /** Tells this waker from others that had the same descriptor. */
  readonly serial: number;
}

/** Wakes a waker of another thread. It owns nothing, and does not need to be closed. */
export class RemoteWaker {
  readonly #end: number;
  readonly #serial: number;

  /** @internal */
  constructor(end: number, serial: number) {
    this.#end = end;
    this.#serial = serial;
  }

  /**
   * Wakes the current waiters, or the next one. Returns whether the waker still exists: with `false` the
   * call had no effect, because the waker was closed or its thread has ended.
   */
  wake(): boolean {
    return signalShared(this.#end, this.#serial);
  }
}

/**
 * Wakes its thread from any other thread. Wake-ups that have not been taken are merged into one. It is
 * closed by `close`, when its thread ends, or when it is garbage collected.
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
   * Returns an object that can wake a waker of another thread. The handle remains valid, and safe, after
   * the waker is closed.
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` for an invalid handle
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
   * The descriptor through which native code of this process wakes it, by writing eight bytes: a
   * `uint64_t` of 1, as for an eventfd. -1 once closed; stop writing before that.
   */
  get signalFd(): number {
    return this.#ends.signalEnd.fd;
  }

  /** Like `RemoteWaker.wake`. */
  wake(): boolean {
    if (this.closed) return false;
    const end = this.signalFd;
    check(native.signalWaker(end), 'write', end);
    return true;
  }

  /**
   * Resolves when it is woken, immediately if it has been since the last time. Resolves all waits.
   * @throws `ERR_CLOSED`, also when it is closed meanwhile; the signal's reason
   */
  wait(o?: Abortable): Promise<void> {
    return this.next(o);
  }

  /** Whether it was woken since the last time. @throws `ERR_CLOSED` */
  tryTake(): boolean {
    return this.take() !== null;
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
