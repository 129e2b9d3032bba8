import { concerns } from '../poll/events';
import { ANY, type Interest } from '../poll/interest';
import type { Registration } from './registration';
import { WaiterList } from './waiter';

/** One of our own objects, which owns its descriptor: it is told of every edge and remembers. */
export interface Owner {
  /** Neither may throw or run the user's code: they settle promises. */
  onReady(ready: number): void;
  /**
   * The reactor will not tell any more. `lost`: somebody has closed the descriptor, and what has its
   * number now is not the owner's to close.
   */
  onAbandon(reason: Error, lost: boolean): void;
}

/** One of our own objects, which waits for its descriptor as anybody does. */
export interface Holder {
  /** Somebody else has closed the descriptor: what has its number now is not the holder's to close. */
  lose(): void;
}

const none: readonly Registration[] = [];

/**
 * What the reactor knows of one descriptor: who waits for it, and what the kernel has been asked
 * for. Both directions share the slot, and the kernel knows it by the descriptor and a generation.
 */
export class Slot {
  /** Changes whenever the descriptor enters the kernel's set anew. */
  generation = 0;
  /** What the kernel reports now; 0 when the descriptor is not in its set. */
  armed: Interest = 0;
  edge = false;
  /** What the batch that is being delivered says. */
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
  /** Whose file it is that is armed, where that is known. Must not keep anything from being collected. */
  holder: Holder | null = null;
  /** What the owner is told of. */
  ownerInterest: Interest = 0;
  readonly waiters = new WaiterList();
  /** Empty for most; those who stay until they are closed. */
  registrations = none;

  constructor(readonly fd: number) {}

  /** The kernel does not have the descriptor any more, and what it said of it is of no interest. */
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

  /** Whether anybody is to be told of this as long as it is so. */
  repeats(ready: number): boolean {
    // A loop, since a closure would be made for every event of a stream.
    for (const { mode, interest } of this.registrations) {
      if (mode === 'level' && concerns(ready, interest)) return true;
    }
    return false;
  }

  /** Whether anybody is left who was promised edges. */
  wantsEdge(): boolean {
    return this.owner !== null || this.registrations.some((registration) => registration.edge);
  }

  /** The union of what everybody waits for. */
  wanted(): Interest {
    // Whoever waits has been armed for; what is armed for nothing may be anything.
    let interest = this.waiters.interest(this.armed === 0 ? ANY : this.armed);
    if (this.owner !== null) interest |= this.ownerInterest;
    for (const registration of this.registrations) interest |= registration.interest;
    return interest;
  }
}
