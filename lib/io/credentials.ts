import { check } from '../errors';
import { native } from '../native';
import { NAMELESS } from './address';

/** The process at the other end of a Unix socket. */
export interface Credentials {
  /** -1 where the system does not report it (FreeBSD). */
  readonly pid: number;
  /** The effective user, at the time of its `connect` or `listen`. */
  readonly uid: number;
  /** The effective group then. */
  readonly gid: number;
}

/** `null` for whatever is not a connected Unix socket. */
export function peerCredentials(fd: number): Credentials | null {
  const ids = new Int32Array(3);
  const result = native.peerCredentials(fd, ids);
  if (NAMELESS.has(result)) return null;
  check(result, 'getsockopt', fd);
  return { pid: ids[0], uid: ids[1] >>> 0, gid: ids[2] >>> 0 };
}
