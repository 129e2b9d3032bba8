import { native } from '../native';
import { closeOwn } from '../raw/closings';
import { addFileWatch, type FileChange, openFileQueue, takeFileChanges } from '../raw/file-changes';
import { pump } from './pump';

/** How many reads are made at once, before the event loop gets a turn. */
const MOST_READS = 16;

/** The watcher of one path. None of the methods may throw. */
export interface FileWatcher {
  isAwaited(): boolean;
  onChange(change: FileChange): void;
  /** The queue has overflowed: changes are missing. */
  onFull(): void;
  /** The changes that were reported to it just now are all there are so far. */
  onDrained(): void;
  onFailure(reason: Error): void;
  /** Somebody else has closed the queue. */
  onLost(): void;
}

/**
 * The kernel's queue of changes, which all watches of a thread share: a user may have only few queues (128
 * by default), but many watches. Watchers of the same file share the kernel's watch. The queue is open while
 * there is a watcher, and is read while one of them is awaited.
 */
class FileQueue {
  #fd = -1;
  #pump: (() => void) | undefined;
  readonly #watchers = new Set<FileWatcher>();
  readonly #watches = new Map<number, Set<FileWatcher>>();

  get fd(): number {
    return this.#fd;
  }

  /** The number of the watch. */
  add(path: Buffer, watcher: FileWatcher): number {
    if (this.#fd === -1) this.#open();
    // A new watcher must not get the earlier changes of a watch that it shares.
    else this.drain();
    let watch: number;
    try {
      watch = addFileWatch(this.#fd, path);
    } catch (error) {
      if (this.#watchers.size === 0) this.#close();
      throw error;
    }
    this.#watchers.add(watcher);
    const sharing = this.#watches.get(watch);
    if (sharing === undefined) this.#watches.set(watch, new Set([watcher]));
    else sharing.add(watcher);
    return watch;
  }

  /** Ends a watch: the watcher gets no more changes. */
  end(watch: number, watcher: FileWatcher): void {
    const sharing = this.#watches.get(watch);
    if (!sharing?.delete(watcher) || sharing.size > 0) return;
    this.#watches.delete(watch);
    // Not an error if the kernel has ended it already.
    native.removeFileWatch(this.#fd, watch);
  }

  /** Ends a watch, and removes the watcher; the last one closes the queue. */
  remove(watch: number, watcher: FileWatcher): void {
    this.end(watch, watcher);
    this.#watchers.delete(watcher);
    if (this.#watchers.size === 0) this.#close();
  }

  /** Reports to the watchers whatever has changed by now. Costs nothing for those with no changes. */
  drain(): void {
    const concerned = new Set<FileWatcher>();
    try {
      for (let reads = 0; reads < MOST_READS && this.#fd !== -1; reads++) {
        const changes = takeFileChanges(this.#fd);
        if (changes === null) break;
        for (const change of changes) this.#report(change, concerned);
      }
    } catch (error) {
      this.#fail(error as Error);
    }
    for (const watcher of concerned) watcher.onDrained();
  }

  /** Continues to report, as long as one of them is awaited. */
  start(): void {
    this.#pump?.();
  }

  #open(): void {
    this.#fd = openFileQueue();
    // It may end after its queue was closed, when there is a new queue with other watchers.
    const started = pump(
      { lose: () => this.#lose() },
      this.#fd,
      () => {
        if (this.#pump !== started) return false;
        this.drain();
        return this.#isAwaited();
      },
      (reason) => {
        if (this.#pump === started) this.#fail(reason);
      },
    );
    this.#pump = started;
  }

  #close(): void {
    closeOwn(this.#fd);
    this.#fd = -1;
    this.#pump = undefined;
  }

  /** Somebody else has closed the queue: this ends all watchers. */
  #lose(): void {
    native.disown(this.#fd);
    this.#fd = -1;
    this.#pump = undefined;
    this.#watches.clear();
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher.onLost();
  }

  #report(change: FileChange, concerned: Set<FileWatcher>): void {
    if ((change.changes & native.FILE_QUEUE_FULL) !== 0) {
      for (const watcher of this.#watchers) watcher.onFull();
      return;
    }
    for (const watcher of this.#watches.get(change.watch) ?? []) {
      watcher.onChange(change);
      concerned.add(watcher);
    }
  }

  /** A loop, which ends at the first: nearly always, most of them are awaited. */
  #isAwaited(): boolean {
    for (const watcher of this.#watchers) if (watcher.isAwaited()) return true;
    return false;
  }

  #fail(reason: Error): void {
    for (const watcher of this.#watchers) watcher.onFailure(reason);
  }
}

/** The queue of this thread. */
export const fileQueue = new FileQueue();
