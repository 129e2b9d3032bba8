import { lstatSync, readdirSync } from 'node:fs';

/** A file of which only the name is known: a directory may be read and not searched. */
const UNKNOWN = '';

/** What has become of one name. */
export interface EntryChange {
  readonly type: 'create' | 'delete' | 'rename';
  readonly name: Buffer;
  /** The name before, of a `rename`. */
  readonly from: Buffer | null;
}

/**
 * The names in a directory and the files that they are of, where the system tells no more of it than
 * that it has changed: what has, shows by looking again. Who came and went in between is not seen.
 */
export class DirectoryListing {
  readonly #path: Buffer;
  /** What identifies the file, or `UNKNOWN`, by the name, whose bytes are the characters. */
  #files: Map<string, string>;

  /** @throws `EACCES`, `EMFILE` and others of opening a directory */
  constructor(path: Buffer) {
    this.#path = path;
    this.#files = list(path);
  }

  /**
   * What is different since it was asked for last, or since it could be read last. A name of another
   * file than before is two changes.
   */
  changes(): EntryChange[] {
    const before = this.#files;
    try {
      this.#files = list(this.#path);
    } catch {
      return [];
    }
    const now = this.#files;
    const changed = ([name, file]: [string, string], other: Map<string, string>): boolean => {
      const there = other.get(name);
      return there !== file && (there === undefined || (there !== UNKNOWN && file !== UNKNOWN));
    };
    const gone = new Map([...before].filter((entry) => changed(entry, now)));
    const come = [...now].filter((entry) => changed(entry, before));
    const namesGone = new Map([...gone].map(([name, file]) => [file, name]));
    namesGone.delete(UNKNOWN);
    const renamed = new Map<string, string>();
    for (const [name, file] of come) {
      const from = namesGone.get(file);
      if (from === undefined) continue;
      namesGone.delete(file);
      renamed.set(name, from);
      gone.delete(from);
      gone.delete(name); // replaced
    }
    return [
      ...[...gone.keys()].map((name) => change('delete', name)),
      ...come.map(([name]) => {
        const from = renamed.get(name);
        return from === undefined ? change('create', name) : change('rename', name, from);
      }),
    ];
  }

  /** The directory has gone, and all names with it. */
  end(): EntryChange[] {
    const names = [...this.#files.keys()];
    this.#files = new Map();
    return names.map((name) => change('delete', name));
  }
}

function change(type: EntryChange['type'], name: string, from?: string): EntryChange {
  const old = from === undefined ? null : Buffer.from(from, 'latin1');
  return { type, name: Buffer.from(name, 'latin1'), from: old };
}

/** Empty where it has gone, which is told by itself. */
function list(path: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  for (const name of entriesOf(path)) {
    const file = Buffer.concat([path, Buffer.from('/'), name]);
    const identity = identityOf(file);
    if (identity !== undefined) files.set(name.toString('latin1'), identity);
  }
  return files;
}

/** `undefined` for one that has gone, `UNKNOWN` where it cannot be seen. */
function identityOf(file: Buffer): string | undefined {
  try {
    const status = lstatSync(file, { bigint: true, throwIfNoEntry: false });
    // The number of a file that has gone is soon that of a new one, which was born later.
    return status && `${status.ino} ${status.birthtimeNs}`;
  } catch {
    return UNKNOWN;
  }
}

function entriesOf(path: Buffer): Buffer[] {
  try {
    return readdirSync(path, { encoding: 'buffer' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
