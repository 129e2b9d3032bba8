import { clearImmediate, setImmediate } from '../clock';
import { closedError, invalidValue } from '../errors';
import { native } from '../native';
import { absolutePath, changesHaveNames, type FileChange, pathBytes } from '../raw/file-changes';
import { type Abortable, options, refuseForeign } from '../validate';
import { DirectoryListing, type EntryChange } from './directory-listing';
import { EventSource } from './event-source';
import { fileQueue, type FileWatcher } from './file-queue';
import { fileAt, openFileWatch } from './open-file-watch';

/** How many events are queued while only other watches are read; by default, the kernel queues as many. */
const MOST_PENDING = 16_384;

const { FILE_CREATED, FILE_WRITTEN, FILE_DELETED, FILE_ATTRIBUTES, FILE_MOVED_FROM } = native;
const { FILE_MOVED_TO, FILE_SELF_DELETED, FILE_SELF_MOVED, FILE_UNMOUNTED } = native;
const GONE = FILE_UNMOUNTED | native.FILE_WATCH_LOST;
/** A name of the file is gone; not necessarily that of the path, since it may have several. */
const NAME_GONE = FILE_SELF_DELETED | FILE_SELF_MOVED;
const ENTRIES = FILE_CREATED | FILE_DELETED | FILE_MOVED_FROM | FILE_MOVED_TO | GONE | NAME_GONE;

/** A change to the watched file or directory. */
export interface FileEvent<Name = string> {
  /**
   * - `create`: a new name in the directory, created here or moved here from elsewhere
   * - `change`: the content was written to, or truncated
   * - `delete`: the name is gone, because the file was deleted or moved elsewhere
   * - `rename`: the name was `from` before; a file that had this name is gone
   * - `attribute`: the mode, the owner, a time or the number of links has changed
   * - `overflow`: there were more events than the queue holds, and some are lost
   */
  readonly type: 'create' | 'change' | 'delete' | 'rename' | 'attribute' | 'overflow';
  /** The entry in the directory; `null` for the watched path itself, and for `overflow`. */
  readonly name: Name | null;
  /** The previous name, for a `rename` within the directory; otherwise `null`. */
  readonly from: Name | null;
}

/** How a `FileWatch` reports names. */
export interface FileWatchOptions<Encoding extends 'utf8' | 'buffer' = 'utf8' | 'buffer'> {
  /** Whether names are strings, the default, or buffers, for names that are not UTF-8. */
  readonly encoding?: Encoding | undefined;
}

/** The type of names, in the chosen encoding. */
type NameOf<Encoding> = Encoding extends 'buffer' ? Buffer : string;

/**
 * Reports changes to a file, or to a directory and the names in it (but not in its subdirectories).
 *
 * When the path no longer names the watched file, the last event is `delete` or `rename` with a `name`
 * of `null`. For what systems do not report, see docs/sources.md. It must be closed: otherwise it stays
 * open until its thread ends. Only a pending `receive` keeps the process alive.
 *
 * @example
 * ```js
 * import { FileWatch } from 'iomux';
 * const watch = new FileWatch('/etc/nginx');
 * for await (const { type, name, from } of watch) console.log(type, name, from ?? '');
 * ```
 */
export class FileWatch<Encoding extends 'utf8' | 'buffer' = 'utf8'> extends EventSource<
  FileEvent<NameOf<Encoding>>
> {
  /** @internal */
  protected readonly what = 'file watch';
  readonly #path: Buffer;
  readonly #encoding: 'utf8' | 'buffer';
  readonly #watcher: FileWatcher;
  readonly #watch: number;
  /** The file that the path named when the watch was opened. */
  readonly #identity: string | undefined;
  readonly #listing: DirectoryListing | undefined;
  #open = true;
  #full = false;
  /** The first half of a rename, until its second half comes, or proves to be missing. */
  #left: FileChange | undefined;
  /** The path does not name the file any more; a further event may report that it was renamed. */
  #unnamed = false;
  #flush: NodeJS.Immediate | undefined;

  /**
   * @param path symbolic links are followed; a relative path starts at the current working directory
   * @throws `ENOENT`, `ENOTDIR`, `EACCES`, with `path`; `ENOSPC` when the user has no watches left,
   * `EMFILE` when no queues or descriptors are left; `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
   */
  constructor(path: string | Buffer | URL, o?: FileWatchOptions<Encoding>) {
    super();
    const bytes = pathBytes(path);
    this.#encoding = encodingOf(o);
    this.#path = absolutePath(bytes);
    this.#watcher = this.#makeWatcher();
    const { watch, file } = openFileWatch(bytes, this.#watcher);
    this.#watch = watch;
    this.#identity = file?.identity;
    try {
      const isListed = !changesHaveNames && file?.isDirectory === true;
      this.#listing = isListed ? new DirectoryListing(this.#path) : undefined;
    } catch (error) {
      fileQueue.remove(watch, this.#watcher);
      throw error;
    }
  }

  /** Readable when there are events of any watch of this thread; -1 once closed. */
  override get fd(): number {
    return this.#open ? fileQueue.fd : -1;
  }

  /**
   * Receives the next event; `null` after the last one.
   * @throws `ERR_CLOSED`, also when it is closed while waiting; the signal's reason
   */
  receive(o?: Abortable): Promise<FileEvent<NameOf<Encoding>> | null> {
    return this.next(o);
  }

  /** @internal */
  protected take(): void {
    fileQueue.drain();
  }

  /** @internal */
  protected start(): void {
    fileQueue.start();
  }

  /** @internal */
  protected release(): void {
    this.#open = false;
    clearImmediate(this.#flush);
    fileQueue.remove(this.#watch, this.#watcher);
  }

  #makeWatcher(): FileWatcher {
    return {
      isAwaited: () => this.queue.awaited,
      onChange: (change) => this.#onChange(change),
      onFull: () => this.#onFull(),
      onDrained: () => this.#onDrained(),
      onFailure: (reason) => this.queue.fail(reason),
      onLost: () => this.#onLost(),
    };
  }

  #onChange(change: FileChange): void {
    const { changes, name, cookie } = change;
    if (this.#left?.cookie === cookie && (changes & FILE_MOVED_TO) !== 0) {
      const { name: from } = this.#left;
      this.#left = undefined;
      this.#push('rename', name, from);
      return;
    }
    // Between the two halves of a rename, no other name of the directory is reported.
    if ((changes & ENTRIES) !== 0) this.#flushLeft();
    if ((changes & FILE_MOVED_FROM) !== 0) this.#left = change;
    if ((changes & (FILE_CREATED | FILE_MOVED_TO)) !== 0) this.#push('create', name);
    if ((changes & FILE_WRITTEN) !== 0) this.#onWritten(name);
    if ((changes & FILE_DELETED) !== 0) this.#push('delete', name);
    if ((changes & GONE) !== 0) this.#finish('delete');
    else if ((changes & NAME_GONE) !== 0 && this.#isSame() !== true) {
      this.#finish((changes & FILE_SELF_DELETED) !== 0 ? 'delete' : 'rename');
    } else if ((changes & FILE_ATTRIBUTES) !== 0) this.#onAttributes(name);
  }

  #onWritten(name: Buffer | null): void {
    if (this.#listing === undefined) this.#push('change', name);
    // If the path names another directory now, the listing would be of that one.
    else if (this.#isSame() !== false) this.#pushEntries(this.#listing.changes());
  }

  #pushEntries(entries: readonly EntryChange[]): void {
    for (const { type, name, from } of entries) this.#push(type, name, from);
  }

  /** A deleted file that is still open reports only that its number of links has changed. */
  #onAttributes(name: Buffer | null): void {
    if (name !== null || this.#isSame() !== false) this.#push('attribute', name);
    else this.#unnamed = true;
  }

  /** The final event may be among those that are lost. */
  #onFull(): void {
    if (this.ended) return;
    this.#push('overflow', null);
    if (this.#isSame() === false) this.#finish('delete');
  }

  /** Whether the path still names the file; `undefined` if it cannot be looked up. */
  #isSame(): boolean | undefined {
    try {
      const file = fileAt(this.#path);
      return file !== undefined && file.identity === this.#identity;
    } catch {
      return undefined;
    }
  }

  /** The second half of a rename, or the event that reports one, may be a moment late. */
  #onDrained(): void {
    if ((this.#left === undefined && !this.#unnamed) || this.#flush !== undefined) return;
    this.#flush = setImmediate(() => {
      const left = this.#left;
      const unnamed = this.#unnamed;
      fileQueue.drain();
      this.#flush = undefined;
      if (this.#left === left) this.#flushLeft();
      if (unnamed && this.#unnamed) this.#settleUnnamed();
      this.#onDrained();
    });
  }

  #onLost(): void {
    this.#open = false;
    clearImmediate(this.#flush);
    this.queue.fail(closedError(this.what));
  }

  #settleUnnamed(): void {
    this.#unnamed = false;
    if (this.#isSame() === false) this.#finish('delete');
    else this.#push('attribute', null);
  }

  #flushLeft(): void {
    if (this.#left === undefined) return;
    const { name } = this.#left;
    this.#left = undefined;
    this.#push('delete', name);
  }

  #finish(type: 'delete' | 'rename'): void {
    fileQueue.end(this.#watch, this.#watcher);
    this.#flushLeft();
    if (type === 'delete' && this.#listing !== undefined) this.#pushEntries(this.#listing.end());
    if (this.#unnamed && type === 'rename') this.#push('attribute', null);
    this.#unnamed = false;
    this.#push(type, null);
    this.ended = true;
    this.queue.end();
  }

  #push(type: FileEvent['type'], name: Buffer | null, from: EntryChange['from'] = null): void {
    if (this.queue.length < MOST_PENDING) this.#full = false;
    else if (this.#full) return;
    else {
      this.#full = true;
      this.queue.push({ type: 'overflow', name: null, from: null });
      return;
    }
    this.queue.push({ type, name: this.#decode(name), from: this.#decode(from) });
  }

  #decode(name: Buffer | null): NameOf<Encoding> | null {
    return (this.#encoding === 'buffer' ? name : (name?.toString() ?? null)) as never;
  }
}

/** Options of Node's `fs.watch`. */
const FOREIGN = {
  recursive: 'is not supported: a watch covers one directory',
  persistent: 'is not supported: a pending receive keeps the process alive',
  signal: 'is an option of receive; close() ends the watch',
};

function encodingOf(o: FileWatchOptions | undefined): 'utf8' | 'buffer' {
  const encoding: unknown = options(o).encoding ?? 'utf8';
  if (o !== undefined) refuseForeign(o, FOREIGN);
  if (encoding === 'utf8' || encoding === 'buffer') return encoding;
  throw invalidValue('options.encoding', "must be one of: 'utf8', 'buffer'", encoding);
}
