import { check } from '../errors';
import { native } from '../native';
import { NO_ADDRESS } from './address';

/** The process at the other end of a Unix socket. */
export interface Credentials {
  /** -1 where the system does not report it (FreeBSD). */
  readonly pid: number;
  /** The effective user, at the time of its `connect` or `listen`. */
  readonly uid: number;
  /** The effective group then. */
  readonly gid: number;
}

/** `null` unless the descriptor is a connected Unix socket. */
export function peerCredentials(fd: number): Credentials | null {
  const ids = new Int32Array(3);
  const result = native.peerCredentials(fd, ids);
  if (NO_ADDRESS.has(result)) return null;
  check(result, 'getsockopt', fd);
  return { pid: ids[0], uid: ids[1] >>> 0, gid: ids[2] >>> 0 };
}
