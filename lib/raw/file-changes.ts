import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { check, EAGAIN, invalidType, invalidValue, systemError } from '../errors';
import { native } from '../native';

/** A change to a watched file or directory, or to an entry of the directory. */
export interface FileChange {
  readonly watch: number;
  /** Bits of `native.FILE_*`. */
  readonly changes: number;
  /** Equal in both halves of a rename. */
  readonly cookie: number;
  /** The name of the entry; `null` for the watched file or directory itself. */
  readonly name: Buffer | null;
}

/** Whether changes of entries have a name; otherwise the directory has to be listed. */
export const changesHaveNames = native.FILE_CHANGES_HAVE_NAMES === 1;

const SLASH = 0x2f;
const HEADER_LENGTH = 16;
const buffer = Buffer.alloc(65536);
const words = new DataView(buffer.buffer, buffer.byteOffset);
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** @throws `EMFILE`, `ENFILE`, `ENOMEM` */
export function openFileQueue(): number {
  return check(native.openFileQueue(), changesHaveNames ? 'inotify_init1' : 'kqueue');
}

/** @throws `ENOENT`, `EACCES`, `ENOSPC` and others, with `path` */
export function addFileWatch(queue: number, path: Buffer): number {
  const result = native.addFileWatch(queue, Buffer.concat([path, Buffer.alloc(1)]));
  if (result >= 0) return result;
  const call = changesHaveNames ? 'inotify_add_watch' : 'open';
  throw systemError(result, call, { path: path.toString() });
}

/** The changes that one read returns; `null` for none. @throws `EBADF` and others */
export function takeFileChanges(queue: number): FileChange[] | null {
  const length = native.takeFileChanges(queue, buffer);
  if (length === EAGAIN) return null;
  check(length, changesHaveNames ? 'read' : 'kevent', queue);
  const changes: FileChange[] = [];
  let at = 0;
  while (at < length) {
    const [watch, bits, cookie, nameLength] = [0, 4, 8, 12].map((offset) =>
      words.getInt32(at + offset, LITTLE_ENDIAN),
    );
    const start = at + HEADER_LENGTH;
    at = start + nameLength;
    const name =
      nameLength === 0 ? null : Buffer.from(buffer.subarray(start, endOfName(start, at)));
    changes.push({ watch, changes: bits, cookie, name });
  }
  return changes;
}

/** The name is padded with zeros. */
function endOfName(start: number, end: number): number {
  const zero = buffer.indexOf(0, start);
  return zero === -1 || zero > end ? end : zero;
}

/**
 * The bytes of a path.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
 */
export function pathBytes(path: unknown): Buffer {
  const given = path instanceof URL ? fileURLToPath(path) : path;
  if (typeof given !== 'string' && !(given instanceof Uint8Array)) {
    throw invalidType('path', 'of type string or an instance of Buffer or URL', path);
  }
  const bytes = Buffer.from(given as string);
  if (bytes.includes(0)) {
    throw invalidValue('path', 'must be a string, Uint8Array, or URL without null bytes', path);
  }
  return bytes;
}

/** An absolute path of the same file. `..` is kept, since what precedes it may be a symbolic link. */
export function absolutePath(path: Buffer): Buffer {
  if (path.length === 0 || path[0] === SLASH) return path;
  // Not `process.cwd()`, which is a string: the path may be any bytes.
  return Buffer.concat([realpathSync.native('.', 'buffer'), Buffer.of(SLASH), path]);
}
