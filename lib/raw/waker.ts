import { check } from '../errors';
import { native } from '../native';
import { OwnedFd } from './owned-fd';

/** The ends of a descriptor that another thread can make readable; on Linux both are one. */
export interface WakerEnds {
  readonly waitEnd: OwnedFd;
  readonly signalEnd: OwnedFd;
}

/** `what` they are to the user. @throws `EMFILE`, `ENFILE` */
export function openWaker(what: string): WakerEnds {
  const ends = new Int32Array(2);
  check(native.openWaker(ends), native.backend === 'epoll' ? 'eventfd' : 'pipe');
  const waitEnd = new OwnedFd(ends[0], what);
  const signalEnd = ends[1] === ends[0] ? waitEnd : new OwnedFd(ends[1], what);
  return { waitEnd, signalEnd };
}
