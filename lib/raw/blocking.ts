import { now } from '../clock';
import { workerThreads } from './worker-threads';

/** After how many milliseconds a blocked Worker notices that it is being terminated. */
const SLICE = 100;

let isMainThread: boolean | undefined;

/**
 * Calls `wait`, which blocks and returns 0 when its time is up, for up to `timeout` milliseconds (-1: for
 * ever). Terminating a Worker interrupts only JavaScript, and no system call, so in a Worker a long wait is cut
 * into slices.
 */
export function block(timeout: number, wait: (milliseconds: number) => number): number {
  if (timeout >= 0 && timeout <= SLICE) return wait(timeout);
  isMainThread ??= workerThreads().isMainThread;
  if (isMainThread) return wait(timeout);
  const deadline = timeout === -1 ? Infinity : now() + timeout;
  for (;;) {
    const left = deadline - now();
    const result = wait(Math.max(0, Math.min(left, SLICE)));
    if (result !== 0 || left <= SLICE) return result;
  }
}
