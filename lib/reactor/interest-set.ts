import { closedError, EEXIST, ENOENT } from '../errors';
import { ANY, type Interest } from '../poll/interest';
import { isGone, type Selector } from '../poll/selector';
import { Slot } from './slot';

/**
 * What the kernel has been asked to report, and for which descriptors: the reactor's side of the
 * selector. Results are 0 or a negated errno.
 */
export class InterestSet {
  /** By descriptor: the slots that have been armed at least once. */
  readonly slots: (Slot | undefined)[] = [];
  readonly #selector: Selector;
  readonly #abandon: (slot: Slot, reason: Error, lost: boolean) => void;

  /** `abandon` is called for descriptors that were `lost` (closed behind our back) or cannot be added again. */
  constructor(selector: Selector, abandon: (slot: Slot, reason: Error, lost: boolean) => void) {
    this.#selector = selector;
    this.#abandon = abandon;
  }

  /** A new slot is entered in the table once the kernel has accepted its descriptor. */
  slotOf(fd: number): Slot {
    return this.slots[fd] ?? new Slot(fd);
  }

  /**
   * Makes sure that the kernel reports `interest`, for a new waiter. `trusted`: the descriptor was reported
   * just now, so what is armed is armed for the file that the number refers to.
   */
  arm(slot: Slot, interest: Interest, edge: boolean, trusted: boolean): number {
    if (trusted && !edge && !slot.edge && (slot.armed & interest) === interest) return 0;
    if (slot.armed !== 0) {
      const kept = trusted ? slot.armed : 0;
      const result = this.#modify(slot, kept | slot.wanted() | interest, edge || slot.edge);
      if (result !== ENOENT) return result;
      slot.pending = 0;
    }
    return this.#add(slot, slot.wanted() | interest, edge);
  }

  /** Disarms what nobody waits for any more: everything but `wanted`. */
  narrow(slot: Slot, wanted: Interest): number {
    if (slot.armed === 0) return 0;
    if (wanted === 0) {
      const { holder } = slot;
      const result = this.disarm(slot);
      if (isGone(result)) holder?.lose();
      return result;
    }
    const edge = slot.wantsEdge();
    return slot.armed === wanted && slot.edge === edge ? 0 : this.#modify(slot, wanted, edge);
  }

  /**
   * Whether the kernel still has the file that was armed. If not, its registrations are closed, and pending
   * waits go on for the file that has the number now, unless the old file was one of our own.
   */
  verify(slot: Slot): boolean {
    if (slot.armed === 0 || slot.owner !== null) return true;
    if (this.#has(slot)) return true;
    if (slot.holder !== null) {
      this.#lose(slot);
      return false;
    }
    slot.forget();
    for (const registration of slot.registrations) registration.abandon(closedError('source'));
    const wanted = slot.wanted();
    if (wanted !== 0 && this.#add(slot, wanted, false) < 0) this.#lose(slot);
    return false;
  }

  /** Modifying an edge-triggered descriptor would report it again; a failing add does not. */
  #has({ fd, generation, armed, edge }: Slot): boolean {
    if (!edge) return this.#selector.modify(fd, generation, armed, 'level', armed) >= 0;
    // Other kernels forget a descriptor when it is closed.
    if (this.#selector.renew === undefined) return true;
    const result = this.#selector.add(fd, generation, armed, 'edge');
    if (result === 0) this.#selector.delete(fd, armed);
    return result === EEXIST;
  }

  /** Has the kernel report what is ready now as a new edge. */
  repeat(slot: Slot): number {
    return this.#modify(slot, slot.wanted(), true);
  }

  disarm(slot: Slot): number {
    if (slot.armed === 0) return 0;
    const result = this.#selector.delete(slot.fd, slot.armed);
    slot.forget();
    return result;
  }

  /** Arms everything again after the multiplexer was emptied. Descriptors that are closed are abandoned. */
  addAgain(reason: Error): void {
    for (const slot of this.slots) {
      if (slot === undefined || slot.armed === 0) continue;
      const { armed, edge, holder } = slot;
      slot.forget();
      const result = this.#add(slot, armed, edge);
      if (result === 0) {
        slot.holder = holder;
        continue;
      }
      if (isGone(result)) holder?.lose();
      this.#abandon(slot, reason, isGone(result));
    }
  }

  count(): { waiting: number; armed: number; registrations: number } {
    let waiting = 0;
    let armed = 0;
    let registrations = 0;
    for (const slot of this.slots) {
      if (slot === undefined) continue;
      waiting += slot.waiters.length;
      armed += slot.armed === 0 ? 0 : 1;
      registrations += slot.registrations.length;
    }
    return { waiting, armed, registrations };
  }

  #add(slot: Slot, interest: Interest, edge: boolean): number {
    const mode = edge ? 'edge' : 'level';
    // Events carry 32 bits of it.
    slot.generation = (slot.generation + 1) | 0;
    let result = this.#selector.add(slot.fd, slot.generation, interest, mode);
    // The file was not removed, because another one had its number then; now it has the number again.
    if (result === EEXIST) {
      result = this.#selector.modify(slot.fd, slot.generation, interest, mode, ANY);
    }
    if (result < 0) return result;
    this.slots[slot.fd] = slot;
    slot.armed = interest;
    slot.edge = edge;
    return 0;
  }

  /** The descriptor was closed behind our back, so its file will never be reported. */
  #lose(slot: Slot): void {
    const { holder } = slot;
    slot.forget();
    holder?.lose();
    this.#abandon(slot, closedError('source'), true);
  }

  /** The kernel reports at once what is ready at that moment. */
  #modify(slot: Slot, interest: Interest, edge: boolean): number {
    const mode = edge ? 'edge' : 'level';
    const result = this.#selector.modify(slot.fd, slot.generation, interest, mode, slot.armed);
    if (isGone(result)) {
      this.#lose(slot);
    } else if (result === 0) {
      slot.armed = interest;
      slot.edge = edge;
    }
    return result;
  }
}
