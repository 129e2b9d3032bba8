import { nextTick, queueMicrotask } from '../clock';
/** Somebody who runs the user's code when it is his turn. */
export interface Runner {
  /** In its own asynchronous context. May throw: that is an uncaught exception. */
  run(): void;
}

let due: Runner[] = [];

/**
 * Runs it as soon as nobody else's code is running: the reactor walks its batch first, and tells
 * everybody. All who are due run in one tick.
 */
export function soon(runner: Runner): void {
  if (due.push(runner) === 1) nextTick(runDue);
}

/** The same, when all ticks and promises that are due have had their turn. */
export function afterOthers(runner: Runner): void {
  queueMicrotask(() => soon(runner));
}

function runDue(): void {
  const runners = due;
  due = [];
  let next = 0;
  try {
    while (next < runners.length) runners[next++].run();
  } finally {
    // One of them has thrown; Node goes on with the next tick when it has been told.
    for (const runner of runners.slice(next)) soon(runner);
  }
}
