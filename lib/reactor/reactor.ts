import { closedError } from '../errors';
import { native } from '../native';
import type { Readiness } from '../poll/events';
import {
  type Interest,
  interestOf,
  type Mode,
  modeOf,
  PRIORITY,
  READABLE,
  WRITABLE,
} from '../poll/interest';
import type { Backend } from '../poll/selector';
import { type Driver, driver } from '../raw/driver';
import {
  type Abortable,
  callback as checkCallback,
  descriptorOf,
  liveSignal,
  options,
  refuseForeign,
  signalOf,
  type Source,
} from '../validate';
import { Dispatcher } from './dispatcher';
import type { Registration } from './registration';
import type { Owner } from './slot';
import { watchEdges, watchLevel } from './watch';

/** More than can ever wait: less this, the number of those who keep the process alive is negative. */
const UNREFERENCED = 2 ** 30;
const MODES = ['level', 'edge', 'oneshot'] as const;
const WATCHED = ['level', 'edge'] as const;
/** Of `register`, which `close` ends. */
const FOREIGN = { signal: 'is no option here: close the registration' };

/** What a reactor is made of, and how much waits on it. */
export interface ReactorStatistics {
  /** The system's multiplexer. */
  readonly backend: Backend;
  /** How a wake-up reaches JavaScript. */
  readonly driver: Driver;
  /** Promises that wait for a descriptor. */
  readonly waiting: number;
  /** Descriptors in the kernel's set. */
  readonly armed: number;
  /** Callbacks that are registered. */
  readonly registrations: number;
}

/**
 * Turns readiness into promises. Every thread has one, `reactor`, which the functions of the package
 * use; another one costs an epoll or kqueue instance and shares nothing with it.
 *
 * How it asks the kernel for as little as possible:
 * - What somebody waits for is armed, level-triggered, and stays armed when the promise is settled.
 *   Who waits again before the wake-up is over, as a loop of `await readable(fd)` does, finds it
 *   armed and costs no system call. A wait that begins at any other time costs one, because the
 *   descriptor may have been closed and be another file by now, of which the kernel knows nothing.
 * - What the kernel reports and nobody waits for is disarmed then, by removing it: an error or a
 *   hang-up is reported whatever the mask.
 * - Our own streams are registered once, edge-triggered, and remember what they were told.
 *
 * @example
 * ```js
 * import { Reactor } from 'iomux';
 * const reactor = new Reactor();
 * await reactor.readable(fd);
 * console.log(reactor.statistics());
 * reactor.close(); // rejects whoever waits on it, and nobody else
 * ```
 */
export class Reactor {
  /** Made for the first descriptor, so that a program that only loads the package pays nothing. */
  #dispatcher: Dispatcher | undefined;
  /** What `keepAlive` was told before there was a dispatcher to count it. */
  #kept = 0;
  #referenced = true;
  #closed = false;

  /**
   * Readable while there are events; -1 once closed, and before the first descriptor is waited for. On
   * Linux it is opened when it is asked for first.
   * @throws `EMFILE`, `ENFILE`, `ENOMEM`
   */
  get fd(): number {
    return this.#closed ? -1 : (this.#dispatcher?.selector.watchable ?? -1);
  }

  /** Whether it has been closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Resolves when the source is readable, at once if it is. All who wait are told.
   * @throws `EPERM` for regular files and directories, `EBADF`, `ERR_CLOSED` after `notifyClosing`,
   * the signal's reason
   */
  readable(source: Source, o?: Abortable): Promise<void> {
    return this.#wait(source, READABLE, o, false) as Promise<void>;
  }

  /** The same for writing. */
  writable(source: Source, o?: Abortable): Promise<void> {
    return this.#wait(source, WRITABLE, o, false) as Promise<void>;
  }

  /** The same for exceptional conditions: urgent data, an interrupt on a GPIO line. */
  priority(source: Source, o?: Abortable): Promise<void> {
    return this.#wait(source, PRIORITY, o, false) as Promise<void>;
  }

  /** Resolves when anything of `interest` is ready, with what is. */
  ready(source: Source, interest: Interest, o?: Abortable): Promise<Readiness> {
    let wanted: Interest;
    try {
      wanted = interestOf(interest);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#wait(source, wanted, o, true) as Promise<Readiness>;
  }

  /**
   * Calls back whenever the source is ready, until the registration is closed. `level` (the default)
   * calls on every wake-up while it is. Several may share a descriptor, those of mode `edge` among
   * themselves.
   * @throws `EPERM`, `EBADF`, `ERR_BUSY` when the descriptor is registered in another mode,
   * `ERR_INVALID_ARG_TYPE`
   */
  register(
    source: Source,
    interest: Interest,
    callback: (readiness: Readiness) => void,
    o?: { mode?: Mode },
  ): Registration;
  /** @internal `onAbandon` is told when `notifyClosing` or `close` ends the registration. */
  register(
    source: Source,
    interest: Interest,
    callback: (readiness: Readiness) => void,
    o: { mode?: Mode } | undefined,
    onAbandon: (reason: Error) => void,
  ): Registration;
  register(
    source: Source,
    interest: Interest,
    callback: (readiness: Readiness) => void,
    o?: { mode?: Mode },
    onAbandon?: (reason: Error) => void,
  ): Registration {
    this.#requireOpen();
    const fd = descriptorOf(source);
    interestOf(interest);
    checkCallback('callback', callback);
    const mode = modeOf(options(o).mode, MODES);
    if (o !== undefined) refuseForeign(o, FOREIGN);
    return this.#open().register(source, fd, interest, mode, callback, onAbandon);
  }

  /**
   * What happens to the source, one readiness after the other. `level` (the default) tells of
   * whatever is ready whenever the next one is asked for; `edge` of everything that has arrived
   * since the last one, and loses none while it is iterated. Ends when the loop is left; throws
   * `ERR_CLOSED` after `notifyClosing` and the signal's reason.
   */
  watch(
    source: Source,
    interest: Interest,
    o?: Abortable & { mode?: 'level' | 'edge' },
  ): AsyncIterableIterator<Readiness, undefined> {
    this.#requireOpen();
    descriptorOf(source);
    interestOf(interest);
    const mode = modeOf(options(o).mode, WATCHED);
    const signal = signalOf(o);
    return mode === 'edge'
      ? watchEdges(this, source, interest, signal)
      : watchLevel(this, source, interest, signal);
  }

  /**
   * Must be called before a descriptor is closed that somebody may wait on: the kernel forgets it
   * without a word. Promises are rejected with `ERR_CLOSED`, registrations closed.
   */
  notifyClosing(source: Source): void {
    const fd = descriptorOf(source);
    // Those that are ours are told of when they are closed.
    if (this.#dispatcher?.set.slots[fd]?.owner === null) this.#dispatcher.forget(fd);
  }

  /** @internal How often `notifyClosing` was called for the source. */
  closingsOf(source: Source): number {
    return this.#dispatcher?.set.slots[descriptorOf(source)]?.closings ?? 0;
  }

  /** How much waits on it now. */
  statistics(): ReactorStatistics {
    const counts = this.#dispatcher?.set.count() ?? { waiting: 0, armed: 0, registrations: 0 };
    return { backend: native.backend, driver, ...counts };
  }

  /** Who waits, and what is registered, keeps the process alive (the default). */
  ref(): this {
    if (!this.#referenced) this.keepAlive(UNREFERENCED);
    this.#referenced = true;
    return this;
  }

  /**
   * Nothing that waits on this reactor keeps the process alive, whatever its own `ref` says: neither
   * promises nor callbacks nor, on the default reactor, streams and listeners.
   *
   * @example
   * ```js
   * import { Reactor } from 'iomux';
   * const reactor = new Reactor().unref();
   * reactor.readable(process.stdin).then(() => console.log('somebody types'));
   * ```
   */
  unref(): this {
    if (this.#referenced) this.keepAlive(-UNREFERENCED);
    this.#referenced = false;
    return this;
  }

  /** Everybody who waits is rejected with `ERR_CLOSED`. The descriptors stay open. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#dispatcher?.close(closedError('reactor'));
  }

  /** The same as `close`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * @internal Registers a descriptor of our own, edge-triggered, for `interest` as far as there is
   * such a thing, instead of what it was registered for before; or why not.
   */
  attach(fd: number, owner: Owner, interest: Interest): Error | null {
    if (this.#closed) return closedError('reactor');
    let dispatcher: Dispatcher;
    try {
      dispatcher = this.#open();
    } catch (error) {
      return error as Error;
    }
    const slot = dispatcher.set.slotOf(fd);
    const wanted = interest & dispatcher.selector.streamInterest;
    if (slot.owner !== owner || (slot.armed & wanted) !== wanted) {
      const known = slot.owner === owner;
      const result = dispatcher.arm(slot, wanted, true);
      if (result < 0) return dispatcher.failure(result, fd);
      if (known && slot.owner === null) {
        // Abandoned by that: the number is another file's, for which it has not asked.
        dispatcher.set.narrow(slot, slot.wanted());
        return closedError('source');
      }
    }
    slot.owner = owner;
    slot.ownerInterest = wanted;
    dispatcher.set.narrow(slot, slot.wanted());
    return null;
  }

  /** @internal Before an attached descriptor becomes somebody else's, and stays open. */
  release(fd: number): void {
    this.#dispatcher?.forget(fd);
  }

  /** @internal See Dispatcher. */
  keepAlive(change: number): void {
    if (this.#dispatcher === undefined) this.#kept += change;
    else this.#dispatcher.keepAlive(change);
  }

  #requireOpen(): void {
    if (this.#closed) throw closedError('reactor');
  }

  #open(): Dispatcher {
    return (this.#dispatcher ??= new Dispatcher(this.#kept, () => {
      // The next one who waits gets another.
      this.#kept = this.#dispatcher?.waiting ?? 0;
      this.#dispatcher = undefined;
    }));
  }

  #wait(
    source: Source,
    interest: Interest,
    o: Abortable | undefined,
    tells: boolean,
  ): Promise<unknown> {
    let fd: number;
    let signal: AbortSignal | undefined;
    let dispatcher: Dispatcher;
    try {
      this.#requireOpen();
      signal = liveSignal(o);
      fd = descriptorOf(source);
      dispatcher = this.#open();
    } catch (error) {
      return Promise.reject(error);
    }
    const slot = dispatcher.set.slotOf(fd);
    const result = dispatcher.arm(slot, interest, false);
    if (result < 0) return Promise.reject(dispatcher.failure(result, fd));
    return dispatcher.wait(slot, source, interest, tells, signal);
  }
}
