import { check, EBADF, EINVAL } from '../errors';
import { native } from '../native';

const EPOLL_CTL_DEL = 2;
const NONE = new Float64Array(0);

/** Makes a call on an open descriptor that only an epoll instance or kqueue accepts: 0, or a negated errno. */
export const probe = native.backend === 'epoll' ? probeEpoll : probeKqueue;

/** Whether an open descriptor is an epoll instance or a kqueue, from which no bytes can be read. */
export function isMultiplexer(fd: number): boolean {
  // An epoll instance has no file type.
  return (native.backend === 'kqueue' || native.fileType(fd) === 0) && probe(fd) >= 0;
}

/** Only an epoll instance fails with ENOENT for a descriptor that it does not watch. */
function probeEpoll(fd: number): number {
  const other = check(native.epollCreate(), 'epoll_create1');
  const result = native.epollControl(fd, EPOLL_CTL_DEL, other, 0, 0, 0);
  native.close(other);
  return result === EBADF || result === EINVAL ? result : 0;
}

function probeKqueue(fd: number): number {
  return native.kqueueKevent(fd, NONE, 0, NONE, 0, 0);
}
