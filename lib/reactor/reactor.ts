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
import { driver } from '../raw/driver';
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
import type { Holder, Owner } from './slot';
import type { ReactorStatistics } from './statistics';
import { watchEdges, watchLevel } from './watch';

/** More than can ever wait: subtracted from the number of waits, it makes that negative. */
const UNREFERENCED = 2 ** 30;
const MODES = ['level', 'edge', 'oneshot'] as const;
const WATCHED = ['level', 'edge'] as const;
/** Options that `register` does not have. */
const FOREIGN = { signal: 'is not supported: close the registration instead' };

/**
 * Turns readiness into promises. Every thread has a default one, `reactor`, which the functions of the
 * package use. Each further one has an epoll or kqueue instance of its own, and must be closed.
 *
 * It makes as few system calls as possible:
 * - A descriptor that is waited for is armed, level-triggered, and stays armed when the promise settles.
 *   Another wait before the wake-up is over, as in a loop of `await readable(fd)`, finds it still armed
 *   and costs no system call. A wait that begins at any other time costs one, because the number may
 *   meanwhile belong to another file, which the kernel does not watch.
 * - A descriptor that the kernel reports while nobody waits for it is disarmed by removing it, since
 *   errors and hang-ups are reported whatever the mask.
 * - Our own streams are registered once, edge-triggered, and remember what was reported.
 *
 * @example
 * ```js
 * import { Reactor } from 'iomux';
 * const reactor = new Reactor();
 * await reactor.readable(fd);
 * console.log(reactor.statistics());
 * reactor.close(); // rejects the pending waits of this reactor only
 * ```
 */
export class Reactor {
  /** Created for the first descriptor, so that a program that only loads the package pays nothing. */
  #dispatcher: Dispatcher | undefined;
  /** The sum of `keepAlive` calls while there is no dispatcher to count them. */
  #kept = 0;
  #referenced = true;
  #closed = false;

  /**
   * Readable while there are events; -1 once closed, and until a descriptor is first waited for. On
   * Linux the first access opens it.
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
   * Resolves when the source is readable, immediately if it already is. Settles all waits for it.
   * @throws `EPERM` for regular files and directories, `EBADF`, `ERR_CLOSED` after `notifyClosing`,
   * the signal's reason
   */
  readable(source: Source, o?: Abortable): Promise<void> {
    return this.#wait(source, READABLE, o, false) as Promise<void>;
  }

  /** Like `readable`, for writing. */
  writable(source: Source, o?: Abortable): Promise<void> {
    return this.#wait(source, WRITABLE, o, false) as Promise<void>;
  }

  /** Like `readable`, for exceptional conditions: urgent data, an edge on a GPIO line. */
  priority(source: Source, o?: Abortable): Promise<void> {
    return this.#wait(source, PRIORITY, o, false) as Promise<void>;
  }

  /** Resolves when any part of `interest` is ready, and reports which. */
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
   * Calls `callback` whenever the source is ready, until the registration is closed. In mode `level`
   * (the default) it is called on every wake-up while the source is ready. Several registrations may
   * share a descriptor, but those of mode `edge` only with each other.
   * @throws `EPERM`, `EBADF`, `ERR_BUSY` when the descriptor is registered in another mode,
   * `ERR_INVALID_ARG_TYPE`
   */
  register(
    source: Source,
    interest: Interest,
    callback: (readiness: Readiness) => void,
    o?: { mode?: Mode | undefined },
  ): Registration {
    this.#requireOpen();
    const fd = descriptorOf(source);
    interestOf(interest);
    checkCallback('callback', callback);
    const mode = modeOf(options(o).mode, MODES);
    if (o !== undefined) refuseForeign(o, FOREIGN);
    return this.#open().register(source, fd, interest, mode, callback);
  }

  /**
   * Iterates over the readiness events of the source. In mode `level` (the default) each step reports
   * what is ready at that time; in mode `edge`, everything that has arrived since the previous step,
   * and nothing is lost during the iteration. Leaving the loop ends it. It throws `ERR_CLOSED` after
   * `notifyClosing`, and the signal's reason.
   */
  watch(
    source: Source,
    interest: Interest,
    o?: Abortable & { mode?: 'level' | 'edge' | undefined },
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
   * Must be called before you close a descriptor that may have waiters: the kernel forgets a closed
   * descriptor silently. Rejects pending waits with `ERR_CLOSED`, and closes registrations.
   */
  notifyClosing(source: Source): void {
    const fd = descriptorOf(source);
    // Our own streams do this themselves when they are closed.
    if (this.#dispatcher?.set.slots[fd]?.owner === null) this.#dispatcher.forget(fd);
  }

  /** @internal How often `notifyClosing` was called for the source. */
  closingsOf(source: Source): number {
    return this.#dispatcher?.set.slots[descriptorOf(source)]?.closings ?? 0;
  }

  /** How much is waiting on it now. */
  statistics(): ReactorStatistics {
    const counts = this.#dispatcher?.set.count() ?? { waiting: 0, armed: 0, registrations: 0 };
    return { backend: native.backend, driver, ...counts };
  }

  /** Pending waits and registrations keep the process alive (the default). */
  ref(): this {
    if (!this.#referenced) this.keepAlive(UNREFERENCED);
    this.#referenced = true;
    return this;
  }

  /**
   * Nothing on this reactor keeps the process alive, even if it was itself `ref`ed: neither promises nor
   * callbacks nor, on the default reactor, streams and listeners.
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

  /** Rejects all pending waits with `ERR_CLOSED`, and ends registrations. The descriptors stay open. */
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
   * @internal Registers a descriptor of our own, edge-triggered, for the part of `interest` that the system
   * has, replacing its previous registration. Returns an error or null.
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
      if (known && slot.owner === null) return dispatcher.lost(slot, 'source');
    }
    slot.owner = owner;
    slot.ownerInterest = wanted;
    dispatcher.set.narrow(slot, slot.wanted());
    return null;
  }

  /** @internal To be called before an attached descriptor is handed over open. */
  release(fd: number): void {
    this.#dispatcher?.forget(fd);
  }

  /** @internal See Dispatcher. */
  keepAlive(change: number): void {
    if (this.#dispatcher === undefined) this.#kept += change;
    else this.#dispatcher.keepAlive(change);
  }

  /** @internal `readable` for a descriptor of our own: `holder` learns when another file has its number. */
  readableFor(holder: Holder, fd: number, o?: Abortable): Promise<void> {
    return this.#wait(fd, READABLE, o, false, holder) as Promise<void>;
  }

  #requireOpen(): void {
    if (this.#closed) throw closedError('reactor');
  }

  #open(): Dispatcher {
    return (this.#dispatcher ??= new Dispatcher(this.#kept, () => {
      // The next wait creates another one.
      this.#kept = this.#dispatcher?.waiting ?? 0;
      this.#dispatcher = undefined;
    }));
  }

  #wait(
    source: Source,
    interest: Interest,
    o: Abortable | undefined,
    wantsReadiness: boolean,
    holder: Holder | null = null,
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
    const known = holder !== null && slot.holder === holder;
    const result = dispatcher.arm(slot, interest, false);
    if (result < 0) return Promise.reject(dispatcher.failure(result, fd));
    if (known && slot.holder === null) return Promise.reject(dispatcher.lost(slot, 'source'));
    if (holder !== null) slot.holder = holder;
    return dispatcher.wait(slot, source, interest, wantsReadiness, signal);
  }
}
