import { native } from '../native';
import { KqueueProcess } from './kqueue-process';
import type { OwnedFd } from './owned-fd';
import { Pidfd } from './pidfd';

/** A descriptor that is readable when a process has exited, and never refers to another process. */
export interface SystemProcess {
  readonly owned: OwnedFd;
  /** `undefined` while it runs; then the wait status, or `null` if the system does not report it. */
  status(): number | null | undefined;
}

/** @throws `ESRCH`, `ERR_UNSUPPORTED_PLATFORM`, `EMFILE`, `ENFILE`, `ENOMEM` */
export function openProcess(pid: number): SystemProcess {
  return native.backend === 'epoll' ? new Pidfd(pid) : new KqueueProcess(pid);
}
