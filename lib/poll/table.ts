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

/** What somebody has registered. */
export interface Entry {
  readonly fd: number;
  readonly source: Source;
  readonly generation: number;
  readonly interest: Interest;
  readonly mode: Mode;
  readonly token: unknown;
  /** What this batch has said of it so far. */
  pending: number;
  /** A `oneshot` that has been reported, and is silent until `modify`. */
  spent: boolean;
  reports: number;
}

/**
 * What is registered with a poller, by descriptor, and kept in step with the kernel's set. Results are
 * 0 or a negated errno.
 */
export class Table {
  readonly #selector: Selector;
  readonly #entries = new Map<number, Entry>();
  #generation = 0;
  #lost: number | undefined;

  constructor(selector: Selector) {
    this.#selector = selector;
  }

  /** An entry to add, or to modify one with. */
  newEntry(source: Source, fd: number, interest: Interest, mode: Mode, token: unknown): Entry {
    const generation = ++this.#generation | 0;
    const state = { pending: 0, spent: false, reports: 0 };
    return { fd, source, generation, interest, mode, token, ...state };
  }

  add(entry: Entry): number {
    const { fd, generation, interest, mode } = entry;
    if (this.#isRegistered(fd)) return EEXIST;
    let result = this.#selector.add(fd, generation, interest, mode);
    // Deleted in vain, because the number was closed then and is the same file's again.
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
    // poll and select have forgotten what they have reported.
    if (result === ENOENT && previous.spent) {
      result = this.#selector.add(fd, generation, interest, mode);
    }
    if (isGone(result)) this.#entries.delete(fd);
    if (result >= 0) this.#entries.set(fd, entry);
    return result;
  }

  /** The number that a handle was added with which has been closed since. */
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

  /** Whose number a file of the poller's own has by now was closed: it may be deleted, once. */
  lose(fd: number): void {
    if (!this.#entries.has(fd)) return;
    this.delete(fd);
    this.#lost = fd;
  }

  /**
   * Whom an event of the batch is about; nobody, if it is a registration that is gone. One that was
   * closed and not deleted, with a duplicate open, is found out in the end: asking the kernel about
   * every event would double what an event costs.
   */
  find(fd: number, generation: number): Entry | undefined {
    const entry = this.#entries.get(fd);
    if (entry?.generation !== generation) return undefined;
    const isDue = ++entry.reports % REPORTS_PER_CHECK === 0;
    return isDue && this.#selector.renew !== undefined && this.#isGhost(entry) ? undefined : entry;
  }

  /** Those that are to be added again when the selector has been emptied. */
  survivors(): Entry[] {
    return [...this.#entries.values()].filter((entry) => !this.#isGhost(entry));
  }

  /** The others may still be deleted. */
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

  /** Whether its descriptor is closed, or another file's by now. Changes nothing, unlike `modify`. */
  #isGhost({ fd, generation, interest, mode }: Entry): boolean {
    const result = this.#selector.add(fd, generation, interest, mode);
    if (result >= 0) this.#selector.delete(fd, interest);
    return result !== EEXIST;
  }

  /** Whether the kernel still has it too: the descriptor may be another file's by now. */
  #isRegistered(fd: number): boolean {
    const entry = this.#entries.get(fd);
    if (entry === undefined) return false;
    // To modify it would arm it again.
    if (this.#selector.renew !== undefined) return !this.#isGhost(entry);
    const { generation, interest, mode, spent } = entry;
    return spent || !isGone(this.#selector.modify(fd, generation, interest, mode, interest));
  }
}

/** What the batch has said of an entry; it has been told with that. */
export function takeEvent(entry: Entry): ReadyEvent {
  const ready = entry.pending & (entry.interest | HANGUP | ERROR);
  entry.pending = 0;
  entry.spent = entry.mode === 'oneshot';
  return { source: entry.source, token: entry.token, ...readinessOf(ready) };
}
