import { type Backend, Poller, type ReadyEvent, type Source } from '../../lib/index';
import { native } from '../../lib/native';
import { PATIENCE } from '../support/patience';

/** What the suites of this folder may know of the backend that they run on. */
export interface Subject {
  readonly backend: Backend;
  /** The kernel remembers what it has reported, so that there are edges. */
  readonly edges: boolean;
  /** A hang-up or an error has a bit of its own: select(2) only calls the descriptor ready. */
  readonly tellsHangup: boolean;
  /** So has an error by itself: poll(2) of macOS and FreeBSD calls the end of a socket a hang-up. */
  readonly tellsError: boolean;
  /** The kernel keeps the registrations, under a descriptor that stands for all of them. */
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

/** Every system has poll and select; of epoll and kqueue the one that the addon was built for. */
export function isAvailable(backend: Backend): boolean {
  return backend === 'poll' || backend === 'select' || backend === native.backend;
}

/** What `wait` says of `source`: nothing but what is named here. */
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

/** Asks without waiting. */
export const NOW = { timeout: 0 };
/** Long enough for what must come; a wait that takes this long has failed. */
export const SOON = { timeout: 5000 * PATIENCE };
