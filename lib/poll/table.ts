import { EEXIST, ENOENT } from '../errors';
import type { Source } from '../validate';
import { ERROR, HANGUP, type Readiness, readinessOf } from './events';
import type { Interest, Mode } from './interest';
import { isGone, type Selector } from './selector';

/** After how many reports a registration is compared with the kernel's: see `find`. */
const REPORTS_PER_CHECK = 64;

/** What a poller reports about one source. */
export interface ReadyEvent extends Readiness {
  /** The source as it was added. */
  readonly source: Source;
  /** The token given to `add`, or to the last `modify`. */
  readonly token: unknown;
}

/** A registration. */
export interface Entry {
  readonly fd: number;
  readonly source: Source;
  readonly generation: number;
  readonly interest: Interest;
  readonly mode: Mode;
  readonly token: unknown;
  /** The readiness that this batch has reported so far. */
  pending: number;
  /** A `oneshot` that has been reported, and is disarmed until `modify`. */
  spent: boolean;
  reports: number;
}

/**
 * The registrations of a poller by descriptor, in step with the kernel's set. Results are 0 or a negated
 * errno.
 */
export class Table {
  readonly #selector: Selector;
  readonly #entries = new Map<number, Entry>();
  #generation = 0;
  #lost: number | undefined;

  constructor(selector: Selector) {
    this.#selector = selector;
  }

  /** A new entry, for `add` or `modify`. */
  newEntry(source: Source, fd: number, interest: Interest, mode: Mode, token: unknown): Entry {
    const generation = ++this.#generation | 0;
    const state = { pending: 0, spent: false, reports: 0 };
    return { fd, source, generation, interest, mode, token, ...state };
  }

  add(entry: Entry): number {
    const { fd, generation, interest, mode } = entry;
    if (this.#isRegistered(fd)) return EEXIST;
    let result = this.#selector.add(fd, generation, interest, mode);
    // A `delete` did not reach it while its number was closed, and now it has the number again.
    if (result === EEXIST) {
      result = this.#selector.modify(fd, generation, interest, mode, interest);
    }
    if (result >= 0) this.#entries.set(fd, entry);
    return result;
  }

  modify(entry: Entry): number {
    const { fd, generation, interest, mode } = entry;
    const previous = this.#entries.get(fd);
    if (previous === undefined) return ENOENT;
    let result = this.#selector.modify(fd, generation, interest, mode, previous.interest);
    // The poll and select backends remove a `oneshot` that they have reported.
    if (result === ENOENT && previous.spent) {
      result = this.#selector.add(fd, generation, interest, mode);
    }
    if (isGone(result)) this.#entries.delete(fd);
    if (result >= 0) this.#entries.set(fd, entry);
    return result;
  }

  /** The number with which a handle was added that has been closed since. */
  numberOf(source: Source): number | undefined {
    for (const entry of this.#entries.values()) if (entry.source === source) return entry.fd;
    return undefined;
  }

  /** Not an error for a descriptor that has been closed meanwhile. */
  delete(fd: number): number {
    const entry = this.#entries.get(fd);
    if (entry === undefined) return this.#deleteLost(fd);
    this.#entries.delete(fd);
    const result = this.#selector.delete(fd, entry.interest);
    return isGone(result) ? 0 : result;
  }

  /**
   * A descriptor of the poller's own has this number now, so the source that had it was closed. It may still
   * be deleted, once.
   */
  lose(fd: number): void {
    if (!this.#entries.has(fd)) return;
    this.delete(fd);
    this.#lost = fd;
  }

  /**
   * The entry that an event is about; undefined for a registration that is gone. A ghost, whose descriptor was
   * closed without a `delete` while a duplicate is open, is detected only after some reports: asking the
   * kernel about every event would double its cost.
   */
  find(fd: number, generation: number): Entry | undefined {
    const entry = this.#entries.get(fd);
    if (entry?.generation !== generation) return undefined;
    const isDue = ++entry.reports % REPORTS_PER_CHECK === 0;
    return isDue && this.#selector.renew !== undefined && this.#isGhost(entry) ? undefined : entry;
  }

  /** The entries to add again when the selector has been emptied. */
  survivors(): Entry[] {
    return [...this.#entries.values()].filter((entry) => !this.#isGhost(entry));
  }

  /** The other entries stay in the table, so that they may still be deleted. */
  addAgain(survivors: readonly Entry[]): void {
    for (const { fd, generation, interest, mode } of survivors) {
      this.#selector.add(fd, generation, interest, mode);
    }
  }

  clear(): void {
    this.#entries.clear();
  }

  #deleteLost(fd: number): number {
    if (fd !== this.#lost) return ENOENT;
    this.#lost = undefined;
    return 0;
  }

  /** Whether its descriptor is closed, or another file's by now. Unlike `modify`, this arms nothing. */
  #isGhost({ fd, generation, interest, mode }: Entry): boolean {
    const result = this.#selector.add(fd, generation, interest, mode);
    if (result >= 0) this.#selector.delete(fd, interest);
    return result !== EEXIST;
  }

  /** Whether it is in the table and in the kernel: the number may be another file's by now. */
  #isRegistered(fd: number): boolean {
    const entry = this.#entries.get(fd);
    if (entry === undefined) return false;
    // `modify` would arm it again.
    if (this.#selector.renew !== undefined) return !this.#isGhost(entry);
    const { generation, interest, mode, spent } = entry;
    return spent || !isGone(this.#selector.modify(fd, generation, interest, mode, interest));
  }
}

/** The event for what the batch has reported about an entry. Disarms a `oneshot`. */
export function takeEvent(entry: Entry): ReadyEvent {
  const ready = entry.pending & (entry.interest | HANGUP | ERROR);
  entry.pending = 0;
  entry.spent = entry.mode === 'oneshot';
  return { source: entry.source, token: entry.token, ...readinessOf(ready) };
}
