import { concerns } from '../poll/events';
import { ANY, type Interest } from '../poll/interest';
import type { Registration } from './registration';
import { WaiterList } from './waiter';

/** One of our own objects that owns its descriptor: it is notified of every edge, and caches readiness. */
export interface Owner {
  /** Neither method may throw or run user code: they settle promises. */
  onReady(ready: number): void;
  /**
   * There will be no more events. `lost`: somebody else has closed the descriptor, and the file that has its
   * number now must not be closed.
   */
  onAbandon(reason: Error, lost: boolean): void;
}

/** One of our own objects that waits for its descriptor with promises. */
export interface Holder {
  /** Somebody else has closed the descriptor: the file that has its number now must not be closed. */
  lose(): void;
}

const none: readonly Registration[] = [];

/**
 * The state of one descriptor: its waiters, and what the kernel has been asked to report. Both directions
 * share the slot. Events identify it by the descriptor and a generation.
 */
export class Slot {
  /** Changes whenever the descriptor is added to the kernel's set. */
  generation = 0;
  /** What the kernel reports now; 0 when the descriptor is not in its set. */
  armed: Interest = 0;
  edge = false;
  /** The readiness that the current batch reports. */
  pending = 0;
  /** The wake-up that last reported the descriptor. */
  wake = 0;
  /** See Trust. */
  trusted = false;
  checkedWake = 0;
  /** How often `notifyClosing` was called for it. */
  closings = 0;
  /** How many events have been delivered since it was last compared with the kernel. */
  reports = 0;
  owner: Owner | null = null;
  /** Whose file is armed, if known. Must not keep a handle from being garbage collected. */
  holder: Holder | null = null;
  /** What the owner is notified of. */
  ownerInterest: Interest = 0;
  readonly waiters = new WaiterList();
  /** Empty for most descriptors. */
  registrations = none;

  constructor(readonly fd: number) {}

  /** The kernel does not have the descriptor any more; events that it has reported are dropped. */
  forget(): void {
    this.pending = 0;
    this.armed = 0;
    this.edge = false;
    this.holder = null;
  }

  /** Whether nobody waits. */
  get idle(): boolean {
    return this.owner === null && this.waiters.empty && this.registrations.length === 0;
  }

  /** Whether a level-triggered registration has to be called again while this lasts. */
  repeats(ready: number): boolean {
    // A loop: `some` would create a closure for every event of a stream.
    for (const { mode, interest } of this.registrations) {
      if (mode === 'level' && concerns(ready, interest)) return true;
    }
    return false;
  }

  /** Whether the owner or a registration needs edges. */
  wantsEdge(): boolean {
    return this.owner !== null || this.registrations.some((registration) => registration.edge);
  }

  /** The union of all interests. */
  wanted(): Interest {
    // Waiters want no more than is armed, unless nothing is armed now.
    let interest = this.waiters.interest(this.armed === 0 ? ANY : this.armed);
    if (this.owner !== null) interest |= this.ownerInterest;
    for (const registration of this.registrations) interest |= registration.interest;
    return interest;
  }
}
