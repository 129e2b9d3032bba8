import { native } from '../native';
import { KqueueProcess } from './kqueue-process';
import type { OwnedFd } from './owned-fd';
import { Pidfd } from './pidfd';

/** A descriptor that is readable when a process has exited, and stands for no other one. */
export interface SystemProcess {
  readonly owned: OwnedFd;
  /** `undefined` while it runs; then the wait status, or `null` where the system does not tell. */
  status(): number | null | undefined;
}

/** @throws `ESRCH`, `ERR_UNSUPPORTED_PLATFORM`, `EMFILE`, `ENFILE`, `ENOMEM` */
export function openProcess(pid: number): SystemProcess {
  return native.backend === 'epoll' ? new Pidfd(pid) : new KqueueProcess(pid);
}
