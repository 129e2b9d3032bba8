import { native } from '../native';
import { ERROR, HANGUP } from './events';
import { type Interest, PRIORITY, READABLE, WRITABLE } from './interest';

// The flags of poll(2), which are those of epoll(7), too. But where both have a flag for a peer that has shut
// down its side, its number may differ: it is passed to the functions as `rdhup`.
const { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI } = native;

/** The events to ask for. `rdhup` notifies readers. */
export function eventsFor(interest: Interest, rdhup: number): number {
  return (
    ((interest & READABLE) !== 0 ? POLLIN | rdhup : 0) |
    ((interest & WRITABLE) !== 0 ? POLLOUT : 0) |
    ((interest & PRIORITY) !== 0 ? POLLPRI : 0)
  );
}

/**
 * The readiness that events report. An error or a hang-up concerns both directions: the next read or write
 * returns at once.
 */
export function readinessFrom(flags: number, rdhup: number): number {
  const both = (flags & (POLLERR | POLLHUP)) !== 0 ? READABLE | WRITABLE : 0;
  return (
    both |
    ((flags & (POLLIN | rdhup)) !== 0 ? READABLE : 0) |
    ((flags & POLLOUT) !== 0 ? WRITABLE : 0) |
    ((flags & POLLPRI) !== 0 ? PRIORITY : 0) |
    ((flags & (POLLHUP | rdhup)) !== 0 ? HANGUP : 0) |
    ((flags & POLLERR) !== 0 ? ERROR : 0)
  );
}
