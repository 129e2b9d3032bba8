import { statSync } from 'node:fs';
import { fileQueue, type FileWatcher } from './file-queue';

/** A file, as its path names it. */
export interface NamedFile {
  readonly identity: string;
  readonly isDirectory: boolean;
}

/** Some file systems give a file a new number each time: then it looks replaced for ever. */
const MOST_TRIES = 10;

/**
 * Opens a watch, and says which file it is of; `undefined` for one that has gone already. If another file
 * took the path in between, the watch would be of the old file and the answer the new one, and the end of
 * the old one would never be noticed. So the path must name the same file before and after.
 * @throws like the constructor of `FileWatch`
 */
export function openFileWatch(
  path: Buffer,
  watcher: FileWatcher,
): { watch: number; file: NamedFile | undefined } {
  for (let tries = 1; ; tries++) {
    const before = fileIfVisible(path);
    const watch = fileQueue.add(path, watcher);
    try {
      const file = fileAt(path);
      if (file?.identity === before?.identity || tries === MOST_TRIES) return { watch, file };
    } catch (error) {
      fileQueue.remove(watch, watcher);
      throw error;
    }
    fileQueue.remove(watch, watcher);
  }
}

/** The file that the path names. @throws `EACCES`, `ELOOP` and others of stat(2) */
export function fileAt(path: Buffer): NamedFile | undefined {
  const status = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (status === undefined) return undefined;
  return { identity: `${status.dev} ${status.ino}`, isDirectory: status.isDirectory() };
}

function fileIfVisible(path: Buffer): NamedFile | undefined {
  try {
    return fileAt(path);
  } catch {
    return undefined; // opening the watch throws the reason
  }
}
