import { native } from '../native';

/** Returns whether somebody else has closed the descriptor, and its number is another file's by now. */
type Listener = (fd: number) => boolean;

const listeners = new Set<Listener>();

/** Calls `listener` before any of the thread's own descriptors is closed. */
export function onClosing(listener: Listener): void {
  listeners.add(listener);
}

export function offClosing(listener: Listener): void {
  listeners.delete(listener);
}

/**
 * Must be called before one of our own descriptors is closed, because the kernel does not notify those who wait
 * for it. Returns whether somebody else has closed it already: then its number is another file's, which must
 * not be closed.
 */
export function announceClosing(fd: number): boolean {
  let lost = false;
  for (const listener of listeners) if (listener(fd)) lost = true;
  return lost;
}

/** Closes one of our own descriptors. */
export function closeOwn(fd: number): void {
  // Either way the result is of no use: the descriptor is closed.
  if (announceClosing(fd)) native.disown(fd);
  else native.close(fd);
}
