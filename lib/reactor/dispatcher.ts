import { addAbortCallback } from '../abort-callbacks';
import type { NativeWatch } from '../addon';
import { busyError, closedError, ENOENT, EPERM, systemError } from '../errors';
import { HEADER_LENGTH, IN_WAKE, WAITING } from '../native';
import type { Readiness } from '../poll/events';
import type { Interest, Mode } from '../poll/interest';
import type { Selector } from '../poll/selector';
import { systemSelector } from '../poll/system-selector';
import { offClosing, onClosing } from '../raw/closings';
import { openHarvest } from '../raw/driver';
import { deferred, last } from './deferred';
import { InterestSet } from './interest-set';
import { Registration } from './registration';
import type { Slot } from './slot';
import type { Source } from '../validate';
import { Trust } from './trust';
import { Cancellation, Waiter } from './waiter';

/**
 * After how many events a slot is compared with the kernel, which may be reporting a file whose descriptor
 * was closed behind our back. It adds a thousandth of a system call to each event.
 */
const REPORTS_PER_CHECK = 1024;

/**
 * The part of a reactor that the event loop calls: once per wake-up with a batch of events, which it delivers
 * to owners, waiters and registrations. No user code runs until the whole batch has been read.
 */
export class Dispatcher {
  readonly selector: Selector;
  readonly set: InterestSet;
  readonly #trust: Trust;
  readonly #watch: NativeWatch;
  readonly #start: () => number;
  readonly #batch: Int32Array;
  /** The slots that the current batch reports. */
  readonly #due: Slot[] = [];
  readonly #onClosing = (fd: number): boolean => this.forget(fd);
  readonly #onLost: () => void;
  #wake = 0;
  #closed = false;

  /**
   * @param waiting how many waits keep the process alive already; see `keepAlive`
   * @param onLost called when the multiplexer has become unusable, after all waits were rejected
   * @throws `EMFILE`, `ENFILE`, `ENOMEM`
   */
  constructor(waiting: number, onLost: () => void) {
    this.#onLost = onLost;
    this.selector = systemSelector();
    this.set = new InterestSet(this.selector, (slot, reason, lost) => {
      this.abandon(slot, reason, lost);
    });
    this.#trust = new Trust(this.set);
    this.#batch = this.selector.batch;
    try {
      const { watch, start } = openHarvest(this.selector.fd, this.#batch, (count) => {
        this.#onWake(count);
      });
      this.#watch = watch;
      this.#start = start;
    } catch (error) {
      this.selector.close();
      throw error;
    }
    this.#batch[WAITING] = waiting;
    if (waiting <= 0) this.#watch.unref();
    const result = this.#start();
    if (result < 0) {
      this.#watch.close();
      this.selector.close();
      throw systemError(result, 'uv_poll_start');
    }
    onClosing(this.#onClosing);
  }

  /** The error for a negative result of `arm`. */
  failure(errno: number, fd: number): Error {
    return systemError(errno, this.selector.controlCall, { fd });
  }

  /** Makes sure that the kernel reports `interest`, for a new waiter: 0, or a negated errno. */
  arm(slot: Slot, interest: Interest, edge: boolean): number {
    // An event that has not been delivered yet may be about a file that was closed since.
    const reported = slot.wake === this.#wake && slot.pending === 0;
    const trusted = reported && this.#batch[IN_WAKE] === 1;
    if (trusted && !slot.trusted) this.#trust.give(slot);
    return this.set.arm(slot, interest, edge, trusted);
  }

  /** The error if arming has shown that the number is another file's, which nobody wants to watch. */
  lost(slot: Slot, what: string): Error {
    this.set.narrow(slot, slot.wanted());
    return closedError(what);
  }

  /**
   * Returns a promise for the next event of a slot that is armed for it: of the readiness if
   * `wantsReadiness`, else of nothing.
   */
  wait(
    slot: Slot,
    source: Source,
    interest: Interest,
    wantsReadiness: boolean,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const promise = deferred();
    const waiter = new Waiter(source, interest, wantsReadiness, last.resolve, last.reject);
    if (signal !== undefined) this.#listen(slot, waiter, signal);
    slot.waiters.push(waiter);
    this.keepAlive(1);
    return promise;
  }

  /**
   * Registers a callback for a descriptor; the arguments are those of `Reactor.register`, checked.
   * @throws `ERR_BUSY`, `EPERM`, `EBADF`
   */
  register(
    source: Source,
    fd: number,
    interest: Interest,
    mode: Mode,
    callback: (readiness: Readiness) => void,
  ): Registration {
    const slot = this.set.slotOf(fd);
    const edge = mode === 'edge';
    const taken = slot.owner !== null || slot.registrations.some((one) => one.edge !== edge);
    if (taken) throw busyError(`Descriptor ${fd} is registered in another mode`);
    const result = this.arm(slot, interest, edge);
    if (result < 0) throw this.failure(result, fd);
    const made = new Registration(this, slot, source, interest, mode, callback);
    slot.registrations = [...slot.registrations, made];
    this.keepAlive(1);
    return made;
  }

  /** How many waits keep the process alive; see `keepAlive`. */
  get waiting(): number {
    return this.#batch[WAITING];
  }

  /** Every wait keeps the process alive: 1 when it begins, -1 when it ends. */
  keepAlive(change: number): void {
    const before = this.#batch[WAITING];
    const count = (this.#batch[WAITING] = before + change);
    // At the end of a wake-up the native side looks at the count itself.
    if (this.#batch[IN_WAKE] === 1 || this.#closed || count > 0 === before > 0) return;
    if (count > 0) this.#watch.ref();
    else this.#watch.unref();
  }

  /** Ends every wait for the descriptor; `lost`: its number does not refer to their file any more. */
  abandon(slot: Slot, reason: Error, lost: boolean): void {
    const { owner } = slot;
    slot.owner = null;
    let waiter = slot.waiters.takeAll();
    for (; waiter !== null; waiter = waiter.next) {
      waiter.fail(reason);
      this.keepAlive(-1);
    }
    for (const registration of slot.registrations) registration.abandon(reason);
    owner?.onAbandon(reason, lost);
  }

  /**
   * Called before the descriptor is closed or handed over. Returns whether its number refers to another file
   * than its holder's already: then the kernel no longer has what was armed for the holder.
   */
  forget(fd: number): boolean {
    const slot = this.set.slots[fd];
    if (slot === undefined) return false;
    const { holder } = slot;
    slot.owner = null;
    slot.closings++;
    // Closing would disarm it too, unless a duplicate is open, which would be reported for ever.
    const result = this.set.disarm(slot);
    // Creating an error that nobody receives costs more than the close.
    if (!slot.idle) this.abandon(slot, closedError('source'), false);
    return holder !== null && (result === ENOENT || result === EPERM);
  }

  close(reason: Error): void {
    this.#closed = true;
    offClosing(this.#onClosing);
    this.#trust.close();
    this.#watch.close();
    for (const slot of this.set.slots) {
      if (slot === undefined) continue;
      slot.forget();
      this.abandon(slot, reason, false);
    }
    this.selector.close();
  }

  #listen(slot: Slot, waiter: Waiter, signal: AbortSignal): void {
    const cancellation = new Cancellation(waiter, signal, () => {
      if (!slot.waiters.remove(cancellation)) return;
      waiter.fail(signal.reason);
      this.keepAlive(-1);
      this.set.narrow(slot, slot.wanted());
    });
    waiter.cancellation = cancellation;
    addAbortCallback(signal, cancellation.onAbort);
  }

  #onWake(count: number): void {
    if (count < 0) {
      const reason = systemError(count, this.selector.waitCall, { fd: this.selector.fd });
      this.selector.lose?.();
      this.#fail(reason);
      return;
    }
    const batch = this.#batch;
    const due = this.#due;
    const wake = ++this.#wake;
    const { slots } = this.set;
    const { readiness } = this.selector;
    let length = 0;
    let ghosts = false;
    batch[IN_WAKE] = 1;
    for (let i = HEADER_LENGTH; i < HEADER_LENGTH + 3 * count; i += 3) {
      const slot = slots[batch[i]];
      if (slot?.generation !== batch[i + 1] || slot.armed === 0) {
        // The batch is new, so the kernel still reports a registration that was removed.
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

  /** Delivers the pending event of a slot. Returns whether the kernel still reports a closed descriptor. */
  #deliver(slot: Slot): boolean {
    const ready = slot.pending;
    slot.pending = 0;
    if (++slot.reports === REPORTS_PER_CHECK) {
      slot.reports = 0;
      if (!this.set.verify(slot)) return true;
    }
    slot.owner?.onReady(ready);
    let awaited = 0;
    let waiter = slot.waiters.take(ready);
    for (; waiter !== null; waiter = waiter.next) {
      awaited |= waiter.interest;
      this.#batch[WAITING]--;
      waiter.settle(ready);
    }
    for (const registration of slot.registrations) awaited |= registration.deliver(ready);
    if (slot.edge) return slot.repeats(ready) && this.set.repeat(slot) < 0;
    if (awaited !== 0 && (slot.armed & ready & ~awaited) === 0) return false;
    // Level-triggered, and nobody waits for it: it would be reported for ever.
    return this.set.narrow(slot, slot.wanted() | (slot.armed & awaited)) < 0;
  }

  #fail(reason: Error): void {
    this.close(reason);
    this.#onLost();
  }

  /** Replaces the multiplexer by a new one, which libuv has to watch from then on. */
  #renew(): void {
    if (this.selector.renew === undefined) return;
    this.#watch.stop();
    // Without a free descriptor to create one, the next wake-up reports the ghost again, and tries again.
    const renewed = this.selector.renew() === 0;
    const started = this.#start();
    if (started < 0) this.#fail(systemError(started, 'uv_poll_start'));
    else if (renewed) this.set.addAgain(closedError('source'));
  }
}
