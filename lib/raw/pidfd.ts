import { check, EAGAIN, EINVAL, ENOENT, ENOSYS, ESRCH, unsupportedError } from '../errors';
import { native } from '../native';
import { OwnedFd } from './owned-fd';
import type { SystemProcess } from './process';

// A triple as `native.poll` has it. Calls on one thread do not overlap.
const entry = new Int32Array(3);

/** pidfd(2). */
export class Pidfd implements SystemProcess {
  readonly owned: OwnedFd;
  readonly #pid: number;

  constructor(pid: number) {
    const fd = native.pidfdOpen(pid);
    if (fd === ENOSYS) throw unsupportedError('pidfd_open, which came with Linux 5.3,');
    // The pid of a thread.
    const isThread = fd === EINVAL || fd === ENOENT;
    this.owned = new OwnedFd(check(isThread ? ESRCH : fd, 'pidfd_open'), 'process');
    this.#pid = pid;
  }

  status(): number | null | undefined {
    const fd = this.owned.open();
    let status = native.childStatus(native.P_PIDFD, fd);
    if (status === EAGAIN || (status < 0 && !isReadable(fd))) return undefined;
    // Linux 5.3 has no waitid(2) for pidfds. A child keeps its number until it is reaped.
    if (status === EINVAL) status = native.childStatus(native.P_PID, this.#pid);
    if (status >= 0) return status;
    // Not a child, or already reaped.
    const exitStatus = native.pidfdExitStatus(fd);
    return exitStatus >= 0 ? exitStatus : null;
  }
}

function isReadable(fd: number): boolean {
  entry.set([fd, native.POLLIN, 0]);
  return check(native.poll(entry, 1, 0), 'poll', fd) > 0;
}
