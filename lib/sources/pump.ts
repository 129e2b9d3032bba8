import { reactor } from '../reactor/default';
import type { Holder } from '../reactor/slot';

/**
 * Returns a function that starts to drain a descriptor, if that has not started: whenever it is readable, as long
 * as more is wanted. This does not keep the process alive: the caller has to.
 *
 * `drain` takes what there is, and returns whether more is wanted; `fail` is called when waiting for the
 * descriptor has failed. Neither may throw.
 */
export function pump(
  holder: Holder,
  fd: number,
  drain: () => boolean,
  fail: (reason: Error) => void,
): () => void {
  let running = false;
  const run = async (): Promise<void> => {
    running = true;
    try {
      do await readable(holder, fd);
      while (drain());
      running = false;
    } catch (error) {
      running = false;
      fail(error as Error);
    }
  };
  return () => {
    if (!running) void run();
  };
}

async function readable(holder: Holder, fd: number): Promise<void> {
  const waiting = reactor.readableFor(holder, fd);
  reactor.keepAlive(-1);
  try {
    await waiting;
  } finally {
    reactor.keepAlive(1);
  }
}
