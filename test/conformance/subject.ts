import { type Backend, Poller, type ReadyEvent, type Source } from '../../lib/index';
import { native } from '../../lib/native';
import { PATIENCE } from '../support/patience';

/** The properties of a backend that the suites of this folder depend on. */
export interface Subject {
  readonly backend: Backend;
  /** There is a mode `edge`, since the kernel remembers what it has reported. */
  readonly edges: boolean;
  /** A hang-up or an error is reported as such; select(2) only reports the descriptor as ready. */
  readonly tellsHangup: boolean;
  /** An error is not also a hang-up; poll(2) of macOS and FreeBSD reports the end of a socket as a hang-up. */
  readonly tellsError: boolean;
  /** The kernel keeps the registrations, behind a descriptor of its own. */
  readonly nests: boolean;
  /** A closed descriptor can go on reporting through a duplicate. */
  readonly ghosts: boolean;
  /** There is an event for urgent data. */
  readonly priority: boolean;
  newPoller(): Poller;
}

export function subjectOf(backend: Backend): Subject {
  const kernelKeepsList = backend === 'epoll' || backend === 'kqueue';
  const { platform } = process;
  const isMac = platform === 'darwin';
  return {
    backend,
    edges: kernelKeepsList,
    tellsHangup: backend !== 'select',
    tellsError: kernelKeepsList || (backend === 'poll' && platform === 'linux'),
    nests: kernelKeepsList,
    ghosts: backend === 'epoll',
    priority: backend === 'kqueue' ? isMac : backend !== 'poll' || !isMac,
    newPoller: () => new Poller({ backend }),
  };
}

/** poll, select, and the one of epoll and kqueue that the addon was built for. */
export function isAvailable(backend: Backend): boolean {
  return backend === 'poll' || backend === 'select' || backend === native.backend;
}

/** The event of `wait` for `source` with just these flags. */
export function eventOf(source: Source, said: Partial<ReadyEvent>): ReadyEvent {
  const nothing = {
    readable: false,
    writable: false,
    priority: false,
    hangup: false,
    error: false,
  };
  return { source, token: undefined, ...nothing, ...said };
}

/** Polls. */
export const NOW = { timeout: 0 };
/** Long enough for any expected event: a wait that takes this long has failed. */
export const SOON = { timeout: 5000 * PATIENCE };
