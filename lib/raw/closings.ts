import { native } from '../native';

/** Answers whether somebody else has closed it: its number is another file's by now. */
type Listener = (fd: number) => boolean;

const listeners = new Set<Listener>();

/** From now on `listener` is told of each of the thread's own descriptors before it is closed. */
export function onClosing(listener: Listener): void {
  listeners.add(listener);
}

export function offClosing(listener: Listener): void {
  listeners.delete(listener);
}

/**
 * One of our own is about to be closed: the kernel forgets it without a word to those who wait on it. Answers
 * whether it is gone, and its number another file's, which is not ours to close.
 */
export function tellClosing(fd: number): boolean {
  let lost = false;
  for (const listener of listeners) if (listener(fd)) lost = true;
  return lost;
}

/** Closes one of our own descriptors. */
export function closeOwn(fd: number): void {
  // Whatever they answer, the descriptor is gone, or was closed by somebody else before.
  if (tellClosing(fd)) native.disown(fd);
  else native.close(fd);
}
