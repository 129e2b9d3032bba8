import { chmodSync, linkSync, lstatSync, unlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { check, EADDRINUSE, ECONNREFUSED, systemError } from '../errors';
import { native } from '../native';
import { encodeUnix } from './address';

// Some facts about the files of Unix sockets. bind(2) makes the file, and refuses a name that exists.
// Nobody removes it when the socket is closed, so that a server that has crashed leaves one in its own
// way. Whether a socket is behind it, only connect(2) tells: ECONNREFUSED when none is. Asked with a
// socket of datagrams it makes no connection, finds one of those, and sees a server between its bind and
// its listen as well (EPROTOTYPE).
//
// What follows: a file without a socket never gets one again, and may be removed; but of several who
// want to, all but one would remove what the first has put there by then. So it is claimed first, by a
// link with a name that is made of its inode, which only one can make, and looked at again while nobody
// else may remove it. No socket that somebody has is ever moved or removed.

/** The file of a socket that was bound: close removes that one, and no other that has its name. */
interface SocketFile {
  readonly path: string;
  readonly device: bigint;
  readonly inode: bigint;
}

/**
 * Binds the socket to `path`, listens, and answers with how to remove the file again, if there is one.
 * @param mode of the file, in force before anybody can connect
 * @throws `EADDRINUSE` when somebody has it, or the file is not a socket; `ENOENT`, `EACCES`
 */
export function listenOnPath(
  fd: number,
  path: string,
  mode: number | undefined,
  backlog: number,
): () => void {
  const release = bindToPath(fd, 'options.path', path);
  try {
    // Until listen(2), nobody can connect, whatever the rights are.
    if (mode !== undefined) chmodSync(path, mode);
    const result = native.listen(fd, backlog);
    if (result < 0) throw systemError(result, 'listen', { address: path });
    return release;
  } catch (error) {
    release();
    throw error;
  }
}

/** Whether it is a name of Linux that has no file; see unix(7). */
export function isAbstract(path: string): boolean {
  return path.startsWith('\0');
}

/**
 * Binds the socket, over the file of one that is gone, and answers with how to remove the file again,
 * if there is one. `name` is that of the user's argument.
 * @throws like `listenOnPath`
 */
export function bindToPath(fd: number, name: string, path: string): () => void {
  const address = encodeUnix(name, path);
  let result = native.bind(fd, address);
  if (result === EADDRINUSE && clear(path, address)) result = native.bind(fd, address);
  if (result < 0) throw systemError(result, 'bind', { address: path });
  // A name of the abstract namespace ends with its socket; of those, '' is any that is free.
  const file = path === '' || isAbstract(path) ? undefined : fileAt(resolve(path));
  return () => {
    if (file !== undefined) remove(file);
  };
}

/** Removes the file of a socket that is gone; whether the name is free now. */
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
    // Somebody else was faster, or it is not ours to remove.
    return false;
  }
  try {
    // Somebody may have replaced it meanwhile, even by a file with the inode that became free.
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
    // The folder has gone, or is not ours to change any more: the file stays, and harms nobody.
  }
}
