import { unsupportedError } from '../errors';
import { native } from '../native';
import { type KeventInit, Kqueue } from '../raw/kqueue';
import {
  EVFILT_EXCEPT,
  EVFILT_PROC,
  EVFILT_READ,
  EVFILT_SIGNAL,
  EVFILT_TIMER,
  EVFILT_USER,
  EVFILT_VNODE,
  EVFILT_WRITE,
  NOTE_EXIT,
  NOTE_EXITSTATUS,
  NOTE_NSECONDS,
  NOTE_OOB,
  NOTE_WRITE,
} from '../raw/kqueue-constants';
import type { Probe } from './finding';
import type { Opened } from './opened';

/** The change that shows whether the system has a filter and its notes. */
type Change = (opened: Opened) => Omit<KeventInit, 'filter'>;

const SECOND = 1e9;

/** The probes of systems with kqueue. */
export const kqueueProbes: readonly Probe[] = [
  filter('EVFILT_READ', EVFILT_READ, 'nothing works', (opened) => ({
    ident: opened.pipe()[0],
  })),
  filter('EVFILT_WRITE', EVFILT_WRITE, 'nothing works', (opened) => ({
    ident: opened.pipe()[1],
  })),
  filter('EVFILT_EXCEPT', EVFILT_EXCEPT, '`priority` never resolves for urgent data', (opened) => ({
    ident: opened.socket(native.AF_INET, native.SOCK_STREAM),
    fflags: NOTE_OOB,
  })),
  filter('EVFILT_TIMER', EVFILT_TIMER, 'there is no `Timer`', () => ({
    ident: 1,
    fflags: NOTE_NSECONDS,
    data: SECOND,
  })),
  filter('EVFILT_VNODE', EVFILT_VNODE, 'there is no `FileWatch`', (opened) => {
    const queue = opened.own(native.openFileQueue(), 'kqueue');
    const watch = native.addFileWatch(queue, Buffer.from('/\0'));
    return { ident: opened.own(watch, 'open'), fflags: NOTE_WRITE };
  }),
  filter('EVFILT_PROC', EVFILT_PROC, 'there is no `processExit`', () => ({
    ident: process.pid,
    fflags: NOTE_EXIT,
  })),
  filter(
    'NOTE_EXITSTATUS',
    NOTE_EXITSTATUS === undefined ? undefined : EVFILT_PROC,
    '`processExit` may not report how a process that is not a child has ended',
    () => ({ ident: process.pid, fflags: NOTE_EXIT | (NOTE_EXITSTATUS ?? 0) }),
  ),
  filter('EVFILT_SIGNAL', EVFILT_SIGNAL, '`Kqueue` has no signals', () => ({ ident: 1 })),
  filter('EVFILT_USER', EVFILT_USER, '`Kqueue` has no events of the program', () => ({
    ident: 1,
  })),
];

function filter(name: string, number: number | undefined, without: string, change: Change): Probe {
  return {
    name,
    without,
    run: (opened) => {
      if (number === undefined) throw unsupportedError(name);
      using kqueue = new Kqueue();
      kqueue.kevent([{ ...change(opened), filter: number }], { timeout: 0 });
      return 0;
    },
  };
}
