import { countDispatches, loopOn } from './dispatch-window';

/**
 * The pending promises. They are resolved in the next iteration of the event loop; the kernel is not asked.
 */
const waiting: (() => void)[] = [];

function wake(): void {
  for (const resolve of waiting.splice(0)) resolve();
}

function nextIteration(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(wake);
  });
}

countDispatches({ promises: (_fd, count) => loopOn(nextIteration, count) });
