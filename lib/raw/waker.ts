import { check, invalidType } from '../errors';
import { native } from '../native';
import { integer, MOST_FD } from '../validate';
import { OwnedFd } from './owned-fd';

/** A descriptor that other threads can make readable, and the one to do so with; on Linux, the same. */
export interface WakerEnds {
  readonly waitEnd: OwnedFd;
  readonly signalEnd: OwnedFd;
}

export const wakerCall = native.backend === 'epoll' ? 'eventfd' : 'pipe';

/** `what`: its name in errors. @throws `EMFILE`, `ENFILE` */
export function openWaker(what: string): WakerEnds {
  const ends = new Int32Array(2);
  check(native.openWaker(ends), wakerCall);
  const waitEnd = new OwnedFd(ends[0], what);
  const signalEnd = ends[1] === ends[0] ? waitEnd : new OwnedFd(ends[1], what);
  return { waitEnd, signalEnd };
}

/**
 * The contents of a handle from another thread: the descriptor to signal, and the serial that tells its waker
 * from others that had the same descriptor.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
 */
export function sharedEnd<Key extends 'end' | 'fd'>(
  handle: Readonly<Record<Key | 'serial', number>>,
  key: Key,
): [end: number, serial: number] {
  if (typeof handle !== 'object' || (handle as unknown) === null) {
    throw invalidType('handle', 'of type object', handle);
  }
  const end = integer(`handle.${key}`, handle[key], 0, MOST_FD);
  return [end, integer('handle.serial', handle.serial, 1, Number.MAX_SAFE_INTEGER)];
}

/** May be called from any thread. Returns `false`, without effect, for a waker that was closed. */
export function signalShared(end: number, serial: number): boolean {
  return check(native.signalSharedWaker(end, serial), 'write') === 1;
}
