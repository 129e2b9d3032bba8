import { check, closedError, EBADF, EEXIST, ENOENT, busyError, systemError } from '../errors';
import { HEADER_LENGTH, IN_WAKE, native, type NativeWatch, WAITING } from '../native';
import { newSelector } from '../poll/backend';
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
import type { Backend, Selector } from '../poll/selector';
import { type Driver, driver, openHarvest } from '../raw/driver';
import {
  type Abortable,
  callback as checkCallback,
  descriptorOf,
  liveSignal,
  options,
  type Source,
} from '../validate';
import { deferred, last } from './deferred';
import { Registration, type Registrar } from './registration';
import { type Owner, Slot } from './slot';
import { Waiter } from './waiter';
import { watchEdges, watchLevel } from './watch';

const ANY = READABLE | WRITABLE | PRIORITY;
const MODES = ['level', 'edge', 'oneshot'] as const;

export interface ReactorStatistics {
  readonly backend: Backend;
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
 */
export class Reactor {
  // Made for the first descriptor, so that a program that only loads the package pays nothing.
  #selector!: Selector;
  #watch!: NativeWatch;
  #start!: () => void;
  #batch: Int32Array = new Int32Array(HEADER_LENGTH);
  #opened = false;
  /** By descriptor. */
  readonly #slots: (Slot | undefined)[] = [];
  /** The slots that the current batch reports. */
  readonly #due: Slot[] = [];
  #wake = 0;
  #closed = false;

  /** The multiplexer's descriptor; -1 once closed, and before the first descriptor is waited for. */
  get fd(): number {
    return this.#closed || !this.#opened ? -1 : this.#selector.fd;
  }

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
      return Promise.reject(error as Error);
    }
    return this.#wait(source, wanted, o, true) as Promise<Readiness>;
  }

  /**
   * Calls back whenever the source is ready, until the registration is closed. `level` (the default)
   * calls on every wake-up while it is; several may share a descriptor, in one mode.
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
    const slot = this.#slotOf(fd);
    const edge = mode === 'edge';
    const taken = slot.owner !== null || slot.registrations.some((one) => one.edge !== edge);
    if (taken) throw busyError(`Descriptor ${fd} is registered in another mode`);
    const result = this.#arm(slot, interest, edge);
    if (result < 0) throw this.#failure(result, fd);
    const registration = new Registration(
      this.#registrar,
      slot,
      interest,
      mode,
      callback,
      onAbandon,
    );
    slot.registrations = [...slot.registrations, registration];
    this.keepAlive(1);
    return registration;
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
    o?: Abortable & { mode?: Mode },
  ): AsyncIterableIterator<Readiness> {
    this.#requireOpen();
    descriptorOf(source);
    interestOf(interest);
    const mode = modeOf(options(o).mode, MODES);
    return mode === 'edge'
      ? watchEdges(this, source, interest, o)
      : watchLevel(this, source, interest, o);
  }

  /**
   * Must be called before a descriptor is closed that somebody may wait on: the kernel forgets it
   * without a word. Promises are rejected with `ERR_CLOSED`, registrations closed.
   */
  notifyClosing(source: Source): void {
    const slot = this.#slots[descriptorOf(source)];
    if (slot === undefined || slot.owner !== null) return;
    this.#disarm(slot);
    this.#abandon(slot, closedError('source'));
  }

  statistics(): ReactorStatistics {
    let waiting = 0;
    let armed = 0;
    let registrations = 0;
    for (const slot of this.#slots) {
      if (slot === undefined) continue;
      waiting += slot.waiters.length;
      armed += slot.armed === 0 ? 0 : 1;
      registrations += slot.registrations.length;
    }
    return { backend: native.backend, driver, waiting, armed, registrations };
  }

  /** Everybody who waits is rejected with `ERR_CLOSED`. The descriptors stay open. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#opened) return;
    this.#watch.close();
    for (const slot of this.#slots) {
      if (slot === undefined) continue;
      slot.armed = 0;
      this.#abandon(slot, closedError('reactor'));
    }
    this.#selector.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * @internal Registers a descriptor of our own, edge-triggered, for everything. 0, or a negated errno.
   */
  attach(fd: number, owner: Owner): number {
    if (this.#closed) return EBADF;
    const slot = this.#slotOf(fd);
    const result = this.#arm(slot, ANY, true);
    if (result === 0) slot.owner = owner;
    return result;
  }

  /** @internal Before an attached descriptor is closed, which also takes it out of the kernel's set. */
  detach(fd: number): void {
    const slot = this.#slots[fd];
    if (slot === undefined) return;
    slot.owner = null;
    slot.armed = 0;
    this.#abandon(slot, closedError('source'));
  }

  readonly #registrar: Registrar = {
    update: (slot) => {
      const result = this.#arm(slot, slot.wanted(), slot.edge);
      if (result < 0) throw this.#failure(result, slot.fd);
    },
    remove: (slot, registration) => {
      slot.registrations = slot.registrations.filter((other) => other !== registration);
      this.#narrow(slot, slot.wanted());
    },
    keepAlive: (change) => {
      this.keepAlive(change);
    },
  };

  #requireOpen(): void {
    if (this.#closed) throw closedError('reactor');
  }

  #open(): void {
    const selector = newSelector();
    const { watch, result, start } = openHarvest(selector.fd, selector.batch, (count) => {
      this.#onWake(count);
    });
    if (result < 0) selector.close();
    check(result, 'uv_poll_init');
    watch.unref();
    start();
    this.#selector = selector;
    this.#batch = selector.batch;
    this.#watch = watch;
    this.#start = start;
    this.#opened = true;
  }

  #slotOf(fd: number): Slot {
    const slot = this.#slots[fd];
    if (slot !== undefined) return slot;
    if (!this.#opened) this.#open();
    return (this.#slots[fd] = new Slot(fd));
  }

  #failure(errno: number, fd: number): Error {
    return systemError(errno, this.#selector.controlCall, { fd });
  }

  #wait(
    source: Source,
    interest: Interest,
    o: Abortable | undefined,
    tells: boolean,
  ): Promise<unknown> {
    let slot: Slot;
    let signal: AbortSignal | undefined;
    try {
      this.#requireOpen();
      signal = liveSignal(o);
      slot = this.#slotOf(descriptorOf(source));
    } catch (error) {
      return Promise.reject(error as Error);
    }
    const result = this.#arm(slot, interest, slot.edge);
    if (result < 0) return Promise.reject(this.#failure(result, slot.fd));
    const promise = deferred();
    const waiter = new Waiter(interest, tells, last.resolve, last.reject);
    slot.waiters.push(waiter);
    this.keepAlive(1);
    if (signal !== undefined) this.#listen(slot, waiter, signal);
    return promise;
  }

  #listen(slot: Slot, waiter: Waiter, signal: AbortSignal): void {
    waiter.signal = signal;
    waiter.onAbort = () => {
      if (!slot.waiters.remove(waiter)) return;
      waiter.fail(signal.reason);
      this.keepAlive(-1);
      this.#narrow(slot, slot.wanted());
    };
    signal.addEventListener('abort', waiter.onAbort);
  }

  /** Makes sure that the kernel reports `interest` to somebody new: 0, or a negated errno. */
  #arm(slot: Slot, interest: Interest, edge: boolean): number {
    const fresh = slot.wake === this.#wake && this.#batch[IN_WAKE] === 1;
    if (fresh && !edge && !slot.edge && (slot.armed & interest) === interest) return 0;
    if (slot.armed !== 0) {
      const result = this.#modify(slot, slot.armed | slot.wanted() | interest, edge);
      if (result !== ENOENT) return result;
    }
    const mode = edge ? 'edge' : 'level';
    const wanted = slot.wanted() | interest;
    let result = this.#selector.add(slot.fd, ++slot.generation, wanted, mode);
    // Removed in vain, because the number was another file's for a while and is the first one's again.
    if (result === EEXIST) {
      result = this.#selector.modify(slot.fd, slot.generation, wanted, mode, ANY);
    }
    if (result < 0) return result;
    slot.armed = wanted;
    slot.edge = edge;
    return 0;
  }

  /** Asks the kernel for something else; it looks at the state of the descriptor at once. */
  #modify(slot: Slot, interest: Interest, edge: boolean): number {
    const mode = edge ? 'edge' : 'level';
    const result = this.#selector.modify(slot.fd, slot.generation, interest, mode, slot.armed);
    if (result === ENOENT || result === EBADF) {
      // Closed behind our back: whoever waits for that file waits in vain.
      slot.armed = 0;
      this.#abandon(slot, closedError('source'));
    } else if (result === 0) {
      slot.armed = interest;
      slot.edge = edge;
    }
    return result;
  }

  /** Nobody wants more than this any more: 0, or a negated errno. */
  #narrow(slot: Slot, wanted: Interest): number {
    if (slot.armed === 0 || slot.armed === wanted || slot.owner !== null) return 0;
    return wanted === 0 ? this.#disarm(slot) : this.#modify(slot, wanted, slot.edge);
  }

  #disarm(slot: Slot): number {
    if (slot.armed === 0) return 0;
    const result = this.#selector.delete(slot.fd, slot.armed);
    slot.armed = 0;
    slot.edge = false;
    return result;
  }

  /** Nobody hears of the descriptor again. */
  #abandon(slot: Slot, reason: Error): void {
    const { owner } = slot;
    slot.pending = 0;
    slot.owner = null;
    let waiter = slot.waiters.takeAll();
    for (; waiter !== null; waiter = waiter.next) {
      waiter.fail(reason);
      this.keepAlive(-1);
    }
    for (const registration of slot.registrations) registration.abandon(reason);
    owner?.onAbandon(reason);
  }

  /** @internal Whoever waits keeps the process alive: 1 when it begins, -1 when it ends. */
  keepAlive(change: 1 | -1): void {
    const count = (this.#batch[WAITING] += change);
    // During a wake-up the native side looks at the count when it is over.
    if (this.#batch[IN_WAKE] === 1 || this.#closed) return;
    if (count === 0) this.#watch.unref();
    else if (count === 1 && change === 1) this.#watch.ref();
  }

  #onWake(count: number): void {
    if (count < 0) {
      this.#onFailure(count);
      return;
    }
    const batch = this.#batch;
    const wake = ++this.#wake;
    const due = this.#due;
    const { readiness } = this.#selector;
    let length = 0;
    let ghosts = false;
    batch[IN_WAKE] = 1;
    for (let i = HEADER_LENGTH; i < HEADER_LENGTH + 3 * count; i += 3) {
      const slot = this.#slots[batch[i]];
      if (slot?.generation !== batch[i + 1] || slot.armed === 0) {
        // The batch came fresh from the kernel, which has something that we took out.
        ghosts = true;
        continue;
      }
      if (slot.pending === 0) due[length++] = slot;
      slot.pending |= readiness(batch[i + 2]);
      slot.wake = wake;
    }
    for (let i = 0; i < length; i++) {
      if (this.#deliver(due[i])) ghosts = true;
    }
    if (ghosts && !this.#closed) this.#renew();
  }

  /** Tells everybody whom it concerns. Answers whether the kernel holds on to a closed descriptor. */
  #deliver(slot: Slot): boolean {
    const ready = slot.pending;
    slot.pending = 0;
    // Closed by a callback that came before it in the batch.
    if (ready === 0 || slot.armed === 0) return false;
    slot.owner?.onReady(ready);
    let told = 0;
    let waiter = slot.waiters.take(ready);
    for (; waiter !== null; waiter = waiter.next) {
      told |= waiter.interest;
      this.#batch[WAITING]--;
      waiter.settle(ready);
    }
    for (const registration of slot.registrations) told |= registration.deliver(ready);
    if (slot.edge || slot.armed === 0) return false;
    if (told !== 0 && (slot.armed & ready & ~told) === 0) return false;
    // Nobody waits for this, and it would be reported for ever.
    return this.#narrow(slot, slot.wanted() | (slot.armed & told)) < 0;
  }

  /**
   * A descriptor was closed while a duplicate keeps its file open. It cannot be removed any more,
   * and would be reported for ever: start again with an empty instance.
   */
  #renew(): void {
    const selector = this.#selector;
    if (selector.renew === undefined) return;
    this.#watch.stop();
    check(selector.renew(), selector.controlCall);
    this.#start();
    for (const slot of this.#slots) {
      if (slot === undefined || slot.armed === 0) continue;
      const result = selector.add(
        slot.fd,
        ++slot.generation,
        slot.armed,
        slot.edge ? 'edge' : 'level',
      );
      if (result === 0) continue;
      slot.armed = 0;
      this.#abandon(slot, closedError('source'));
    }
  }

  /** Our own multiplexer was closed by somebody else. */
  #onFailure(errno: number): void {
    const error = systemError(errno, this.#selector.waitCall, { fd: this.#selector.fd });
    for (const slot of this.#slots) {
      if (slot !== undefined) this.#abandon(slot, error);
    }
    this.close();
  }
}
