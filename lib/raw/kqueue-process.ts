import { check, EACCES, ESRCH } from '../errors';
import { native } from '../native';
import {
  EV_ADD,
  EV_ONESHOT,
  EV_RECEIPT,
  EVFILT_PROC,
  NOTE_EXIT,
  NOTE_EXITSTATUS,
} from './kqueue-constants';
import { OwnedFd } from './owned-fd';
import type { SystemProcess } from './process';

/** The index of `data` in a structure; see Native. */
const DATA = 4;

// Calls on one thread do not overlap.
const room = new Float64Array(6);

/**
 * A kqueue with one EVFILT_PROC, since a kqueue's descriptor can be waited for like any other.
 *
 * FreeBSD reports the status of any process. macOS reports it with NOTE_EXITSTATUS for processes that we may
 * signal, and refuses the filter for others. It does not accept a process that has exited and was not reaped:
 * for that, kill(2) and waitid(2) are used.
 */
export class KqueueProcess implements SystemProcess {
  readonly owned = new OwnedFd(check(native.kqueueCreate(), 'kqueue'), 'process');
  #status: number | null | undefined;
  #hasStatus = true;

  constructor(pid: number) {
    let result = this.#add(pid, NOTE_EXIT | (NOTE_EXITSTATUS ?? 0));
    if (result === EACCES) {
      this.#hasStatus = false;
      result = this.#add(pid, NOTE_EXIT);
    }
    if (result === ESRCH && isThere(pid)) {
      const status = native.childStatus(native.P_PID, pid);
      this.#status = status >= 0 ? status : null;
    } else if (result < 0) {
      this.owned.close();
      check(result, 'kevent');
    }
  }

  status(): number | null | undefined {
    const fd = this.owned.open();
    if (this.#status !== undefined) return this.#status;
    if (check(native.kqueueKevent(fd, room, 0, room, 1, 0), 'kevent', fd) > 0) {
      this.#status = this.#hasStatus ? room[DATA] : null;
    }
    return this.#status;
  }

  #add(pid: number, notes: number): number {
    room.set([pid, EVFILT_PROC, EV_ADD | EV_ONESHOT | EV_RECEIPT, notes >>> 0, 0, 0]);
    const result = native.kqueueKevent(this.owned.fd, room, 1, room, 1, 0);
    return result < 0 ? result : -room[DATA];
  }
}

/** Whether the process exists; also if it has exited and was not reaped. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
