import { countDispatches, loopOn } from './dispatch-window';

/** Who waits, and is told in the next turn of the event loop: no kernel has been asked. */
const waiting: (() => void)[] = [];

function wake(): void {
  for (const resolve of waiting.splice(0)) resolve();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(wake);
  });
}

countDispatches({ promises: (_fd, count) => loopOn(nextTurn, count) });
