import { chmodSync, linkSync, lstatSync, unlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { check, EADDRINUSE, ECONNREFUSED, systemError } from '../errors';
import { native } from '../native';
import { encodeUnix } from './address';

// Facts about the files of Unix sockets: bind(2) creates the file, and fails if the name exists. Closing
// the socket does not remove it, so a crashed server's file blocks its successor. Only connect(2) shows
// whether a socket is still bound to a file: ECONNREFUSED if not. Called on a datagram socket, it makes no
// connection, detects datagram sockets too, and detects a stream server between its bind and its listen
// (EPROTOTYPE).
//
// What follows for us: a file without a socket never gets one again and may be removed. But if several
// processes removed it concurrently, the second would remove the file that the first has just bound. So a
// process claims the file first, by a hard link whose name contains the inode, which only one process can
// create. Then it checks the file again, while nobody else may remove it. A file with a bound socket is
// never moved or removed.

/** The file of a bound socket. `close` removes this file, and no other that has its name by then. */
interface SocketFile {
  readonly path: string;
  readonly device: bigint;
  readonly inode: bigint;
}

/**
 * Binds the socket to `path` and listens. Returns a function that removes the file, if there is one.
 * @param mode of the file, set before anybody can connect
 * @throws `EADDRINUSE` if the path is in use or is not a socket; `ENOENT`, `EACCES`
 */
export function listenOnPath(
  fd: number,
  path: string,
  mode: number | undefined,
  backlog: number,
): () => void {
  const release = bindToPath(fd, 'options.path', path);
  try {
    // Before listen(2), nobody can connect, whatever the mode.
    if (mode !== undefined) chmodSync(path, mode);
    const result = native.listen(fd, backlog);
    if (result < 0) throw systemError(result, 'listen', { address: path });
    return release;
  } catch (error) {
    release();
    throw error;
  }
}

/** Whether it is a name in the abstract namespace of Linux, which has no file; see unix(7). */
export function isAbstract(path: string): boolean {
  return path.startsWith('\0');
}

/**
 * Binds the socket, replacing the file of one that is gone. Returns a function that removes the file, if
 * there is one. `name` is the user's name for the argument.
 * @throws like `listenOnPath`
 */
export function bindToPath(fd: number, name: string, path: string): () => void {
  const address = encodeUnix(name, path);
  let result = native.bind(fd, address);
  if (result === EADDRINUSE && clear(path, address)) result = native.bind(fd, address);
  if (result < 0) throw systemError(result, 'bind', { address: path });
  // An abstract name disappears with its socket; '' stands for any free one.
  const file = path === '' || isAbstract(path) ? undefined : fileAt(resolve(path));
  return () => {
    if (file !== undefined) remove(file);
  };
}

/** Removes the file of a socket that is gone. Returns whether the name is free now. */
function clear(path: string, address: Uint8Array): boolean {
  if (isAbstract(path) || lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) {
    return false;
  }
  const stale = fileAt(path);
  if (stale === undefined || !isGone(address)) return false;
  const claim = join(dirname(path), `.${basename(path)}.${stale.inode}`);
  try {
    linkSync(path, claim);
  } catch {
    // Another process has claimed it, or we lack permission.
    return false;
  }
  try {
    // It may have been replaced since, even by a file that reuses the inode.
    const claimed = isStill({ ...stale, path: claim }) && isGone(address);
    if (claimed) unlinkSync(path);
    return claimed;
  } finally {
    unlinkSync(claim);
  }
}

function isGone(address: Uint8Array): boolean {
  const fd = check(native.socket(native.AF_UNIX, native.SOCK_DGRAM, 0), 'socket');
  const result = native.connect(fd, address);
  native.close(fd);
  return result === ECONNREFUSED;
}

function fileAt(path: string): SocketFile | undefined {
  const status = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return status && { path, device: status.dev, inode: status.ino };
}

function isStill({ path, device, inode }: SocketFile): boolean {
  const now = fileAt(path);
  return now?.device === device && now.inode === inode;
}

function remove(file: SocketFile): void {
  try {
    if (isStill(file)) unlinkSync(file.path);
  } catch {
    // The directory is gone or no longer writable: a file left behind is harmless.
  }
}
