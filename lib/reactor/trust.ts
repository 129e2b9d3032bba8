import { inRootContext } from '../async-context';
import { clearTimeout, setTimeout } from '../clock';
import type { InterestSet } from './interest-set';
import type { Slot } from './slot';

/** How often trusting waits are looked at, in milliseconds. */
const INTERVAL = 50;

/**
 * A wait that begins during the wake-up that reported its descriptor trusts that what is armed is armed for
 * the same file, and makes no system call. If the number was closed and reused within that wake-up, nothing
 * would ever be reported. So a trusting wait that lasts longer than INTERVAL is compared with the kernel
 * once. A loop that gets an event at least every INTERVAL never is.
 */
export class Trust {
  readonly #set: InterestSet;
  #given: Slot[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(set: InterestSet) {
    this.#set = set;
  }

  give(slot: Slot): void {
    slot.trusted = true;
    slot.checkedWake = -1;
    this.#given.push(slot);
    this.#timer ??= this.#schedule();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #schedule(): NodeJS.Timeout {
    return inRootContext(() => setTimeout(() => this.#look(), INTERVAL)).unref();
  }

  #look(): void {
    this.#given = this.#given.filter((slot) => this.#stays(slot));
    this.#timer = this.#given.length > 0 ? this.#schedule() : undefined;
  }

  #stays(slot: Slot): boolean {
    const lasts = slot.checkedWake === slot.wake;
    slot.checkedWake = slot.wake;
    if (!lasts && slot.armed !== 0) return true;
    slot.trusted = false;
    this.#set.verify(slot);
    return false;
  }
}
