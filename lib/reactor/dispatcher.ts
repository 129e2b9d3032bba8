import { addAbortListener } from 'node:events';
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
import { Waiter } from './waiter';

/**
 * After how many events a slot is compared with the kernel, which may be reporting a file that was
 * closed under our hands: a thousandth of a system call for each.
 */
const REPORTS_PER_CHECK = 1024;

/**
 * The loop's end of a reactor: it is called once per wake-up with a batch of events, and tells
 * everybody whom they concern. No user's code runs while the batch is walked.
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
   * @param waiting how many keep the process alive already; see `keepAlive`
   * @param onLost the multiplexer is of no use any more, and everybody has been told
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
    if (result === 0) {
      onClosing(this.#onClosing);
      return;
    }
    this.#watch.close();
    this.selector.close();
    throw systemError(result, 'uv_poll_start');
  }

  /** What `arm` failed with, as an error. */
  failure(errno: number, fd: number): Error {
    return systemError(errno, this.selector.controlCall, { fd });
  }

  /** Makes sure that the kernel reports `interest` to somebody new: 0, or a negated errno. */
  arm(slot: Slot, interest: Interest, edge: boolean): number {
    // What has not been delivered yet may be of a file that was closed since.
    const reported = slot.wake === this.#wake && slot.pending === 0;
    const trusted = reported && this.#batch[IN_WAKE] === 1;
    if (trusted && !slot.trusted) this.#trust.give(slot);
    return this.set.arm(slot, interest, edge, trusted);
  }

  /**
   * Somebody waits for the next event of a slot that is armed for it; the promise is for the readiness
   * if it `tells`.
   */
  wait(
    slot: Slot,
    source: Source,
    interest: Interest,
    tells: boolean,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const promise = deferred();
    const waiter = new Waiter(source, interest, tells, last.resolve, last.reject);
    slot.waiters.push(waiter);
    this.keepAlive(1);
    if (signal !== undefined) this.#listen(slot, waiter, signal);
    return promise;
  }

  /**
   * Enters a callback for a descriptor; the arguments are those of `Reactor.register`, checked.
   * @throws `ERR_BUSY`, `EPERM`, `EBADF`
   */
  register(
    source: Source,
    fd: number,
    interest: Interest,
    mode: Mode,
    callback: (readiness: Readiness) => void,
    onAbandon: ((reason: Error) => void) | undefined,
  ): Registration {
    const slot = this.set.slotOf(fd);
    const edge = mode === 'edge';
    const taken = slot.owner !== null || slot.registrations.some((one) => one.edge !== edge);
    if (taken) throw busyError(`Descriptor ${fd} is registered in another mode`);
    const result = this.arm(slot, interest, edge);
    if (result < 0) throw this.failure(result, fd);
    const made = new Registration(this, slot, source, interest, mode, callback, onAbandon);
    slot.registrations = [...slot.registrations, made];
    this.keepAlive(1);
    return made;
  }

  /** How many keep the process alive; see `keepAlive`. */
  get waiting(): number {
    return this.#batch[WAITING];
  }

  /** Whoever waits keeps the process alive: 1 when it begins, -1 when it ends. */
  keepAlive(change: number): void {
    const before = this.#batch[WAITING];
    const count = (this.#batch[WAITING] = before + change);
    // During a wake-up the native side looks at the count when it is over.
    if (this.#batch[IN_WAKE] === 1 || this.#closed || count > 0 === before > 0) return;
    if (count > 0) this.#watch.ref();
    else this.#watch.unref();
  }

  /** Nobody hears of the descriptor again; `lost`: it is not what they wait for any more. */
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
   * The descriptor is about to be closed, or to become somebody else's. Answers whether the number is another
   * file's than its holder's already: the kernel does not find what was armed for that.
   */
  forget(fd: number): boolean {
    const slot = this.set.slots[fd];
    if (slot === undefined) return false;
    const { holder } = slot;
    slot.owner = null;
    slot.closings++;
    // A close would do, were there no duplicates: those would be reported for ever.
    const result = this.set.disarm(slot);
    // The error would be made for nobody, and its stack costs more than the close.
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
    const onAbort = (): void => {
      if (!slot.waiters.remove(waiter)) return;
      waiter.fail(signal.reason);
      this.keepAlive(-1);
      this.set.narrow(slot, slot.wanted());
    };
    waiter.ignoreSignal = () => {
      signal.removeEventListener('abort', onAbort);
    };
    addAbortListener(signal, onAbort);
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
    if (++slot.reports === REPORTS_PER_CHECK) {
      slot.reports = 0;
      if (!this.set.verify(slot)) return true;
    }
    slot.owner?.onReady(ready);
    let told = 0;
    let waiter = slot.waiters.take(ready);
    for (; waiter !== null; waiter = waiter.next) {
      told |= waiter.interest;
      this.#batch[WAITING]--;
      waiter.settle(ready);
    }
    for (const registration of slot.registrations) told |= registration.deliver(ready);
    if (slot.edge) return slot.repeats(ready) && this.set.repeat(slot) < 0;
    if (told !== 0 && (slot.armed & ready & ~told) === 0) return false;
    // Nobody waits for this, and it would be reported for ever.
    return this.set.narrow(slot, slot.wanted() | (slot.armed & told)) < 0;
  }

  #fail(reason: Error): void {
    this.close(reason);
    this.#onLost();
  }

  /** The multiplexer is another one afterwards, and libuv must look at that one. */
  #renew(): void {
    if (this.selector.renew === undefined) return;
    this.#watch.stop();
    // Without a descriptor to make one with, the ghost is back with the next wake-up, and so are we.
    const renewed = this.selector.renew() === 0;
    const started = this.#start();
    if (started < 0) this.#fail(systemError(started, 'uv_poll_start'));
    else if (renewed) this.set.addAgain(closedError('source'));
  }
}
