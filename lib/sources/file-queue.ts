import { native } from '../native';
import { closeOwn } from '../raw/closings';
import { addFileWatch, type FileChange, openFileQueue, takeFileChanges } from '../raw/file-changes';
import { Pump } from './pump';

/** How many reads are made at once, before the event loop gets a turn. */
const MOST_READS = 16;

/** Who watches a path. None of it may throw. */
export interface FileWatcher {
  isAwaited(): boolean;
  onChange(change: FileChange): void;
  /** Changes are missing. */
  onFull(): void;
  /** There is nothing more for now. */
  onDrained(): void;
  onFailure(reason: Error): void;
  /** Somebody else has closed the queue. */
  onLost(): void;
}

/**
 * The queue of changes that all watches of the thread share: a user may have few queues (128, where
 * nobody has changed that) and many watches. Several may watch one file, and share the kernel's watch.
 * It is open while there is a watcher, and read while one of them is awaited.
 */
class FileQueue {
  #fd = -1;
  #pump: Pump | undefined;
  readonly #watchers = new Set<FileWatcher>();
  readonly #watches = new Map<number, Set<FileWatcher>>();

  get fd(): number {
    return this.#fd;
  }

  /** The number of the watch. */
  add(path: Buffer, watcher: FileWatcher): number {
    if (this.#fd === -1) this.#open();
    // What has happened until now is not for somebody new who shares a watch.
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

  /** The watcher is told of nothing more. */
  end(watch: number, watcher: FileWatcher): void {
    const sharing = this.#watches.get(watch);
    if (!sharing?.delete(watcher) || sharing.size > 0) return;
    this.#watches.delete(watch);
    // The kernel may have ended it before: that is no error.
    native.removeFileWatch(this.#fd, watch);
  }

  /** The same, and the watcher needs the queue no more. */
  remove(watch: number, watcher: FileWatcher): void {
    this.end(watch, watcher);
    this.#watchers.delete(watcher);
    if (this.#watchers.size === 0) this.#close();
  }

  /** Tells the watchers whatever has happened by now. */
  drain(): void {
    try {
      for (let reads = 0; reads < MOST_READS && this.#fd !== -1; reads++) {
        const changes = takeFileChanges(this.#fd);
        if (changes === null) break;
        for (const change of changes) this.#tell(change);
      }
    } catch (error) {
      this.#fail(error as Error);
    }
    for (const watcher of this.#watchers) watcher.onDrained();
  }

  /** Goes on telling them, as long as one of them is awaited. */
  start(): void {
    this.#pump?.start();
  }

  #open(): void {
    this.#fd = openFileQueue();
    // It may end a moment after its queue was closed, when the watchers are those of the next one.
    const pump = new Pump(
      { lose: () => this.#lose() },
      this.#fd,
      () => {
        if (this.#pump !== pump) return false;
        this.drain();
        return [...this.#watchers].some((watcher) => watcher.isAwaited());
      },
      (reason) => {
        if (this.#pump === pump) this.#fail(reason);
      },
    );
    this.#pump = pump;
  }

  #close(): void {
    closeOwn(this.#fd);
    this.#fd = -1;
    this.#pump = undefined;
  }

  /** Somebody else has closed it. Who watches by it is told, and goes on no more. */
  #lose(): void {
    native.disown(this.#fd);
    this.#fd = -1;
    this.#pump = undefined;
    this.#watches.clear();
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher.onLost();
  }

  #tell(change: FileChange): void {
    if ((change.changes & native.FILE_QUEUE_FULL) !== 0) {
      for (const watcher of this.#watchers) watcher.onFull();
      return;
    }
    for (const watcher of this.#watches.get(change.watch) ?? []) watcher.onChange(change);
  }

  #fail(reason: Error): void {
    for (const watcher of this.#watchers) watcher.onFailure(reason);
  }
}

/** Of this thread. */
export const fileQueue = new FileQueue();
