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
 * Closes one of our own descriptors. The listeners are called first, because the kernel does not notify those
 * who wait for it. If somebody else has closed it already, its number is another file's, which stays open.
 */
export function closeOwn(fd: number): void {
  let lost = false;
  for (const listener of listeners) if (listener(fd)) lost = true;
  // Either way the result is of no use: the descriptor is closed.
  if (lost) native.disown(fd);
  else native.close(fd);
}
