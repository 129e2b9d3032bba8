import { native } from '../native';

type Listener = (fd: number) => void;

const listeners = new Set<Listener>();

/** From now on `listener` is told of each of the thread's own descriptors before it is closed. */
export function onClosing(listener: Listener): void {
  listeners.add(listener);
}

export function offClosing(listener: Listener): void {
  listeners.delete(listener);
}

/** One of our own is about to be closed: the kernel forgets it without a word to those who wait on it. */
export function tellClosing(fd: number): void {
  for (const listener of listeners) listener(fd);
}

/** Closes one of our own descriptors. */
export function closeOwn(fd: number): void {
  tellClosing(fd);
  // Whatever it answers, the descriptor is gone, or was closed by somebody else before.
  native.close(fd);
}
