import { lstatSync, readdirSync } from 'node:fs';

/** A file that cannot be identified: the directory may be readable but not searchable. */
const UNKNOWN = '';

/** A change to one name. */
export interface EntryChange {
  readonly type: 'create' | 'delete' | 'rename';
  readonly name: Buffer;
  /** The name before, of a `rename`. */
  readonly from: Buffer | null;
}

/**
 * The names in a directory and the files that they refer to. It is for systems that only report that a
 * directory has changed: listing it again shows how. A name that came and went in between is not seen.
 */
export class DirectoryListing {
  readonly #path: Buffer;
  /** By name (as latin1, which keeps any bytes): what identifies the file, or `UNKNOWN`. */
  #files: Map<string, string>;

  /** @throws `EACCES`, `EMFILE` and others of opening a directory */
  constructor(path: Buffer) {
    this.#path = path;
    this.#files = list(path);
  }

  /**
   * The differences since the last call that could read the directory. A name that refers to another file
   * than before is a `delete` and a `create`.
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

  /** The changes when the directory itself is gone: every name is deleted. */
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

/** Empty if the directory is gone, which is an event of its own. */
function list(path: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  for (const name of entriesOf(path)) {
    const file = Buffer.concat([path, Buffer.from('/'), name]);
    const identity = identityOf(file);
    if (identity !== undefined) files.set(name.toString('latin1'), identity);
  }
  return files;
}

/** `undefined` for a file that is gone, `UNKNOWN` for one that cannot be looked up. */
function identityOf(file: Buffer): string | undefined {
  try {
    const status = lstatSync(file, { bigint: true, throwIfNoEntry: false });
    // A new file soon gets the inode number of a deleted one; the birth time tells them apart.
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
