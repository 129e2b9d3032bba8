import { nextTick, queueMicrotask } from '../clock';

/** Something that calls the user's code. */
export interface Runner {
  /** In an asynchronous context of its own. What it throws is an uncaught exception. */
  run(): void;
}

let due: Runner[] = [];

/**
 * Runs it in the next tick, after the reactor has processed its batch. All runners that are due share one
 * tick.
 */
export function soon(runner: Runner): void {
  if (due.push(runner) === 1) nextTick(runDue);
}

/** The same, after all ticks and microtasks that are queued already. */
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
    // There are some left only if one has thrown; they run in the next tick.
    for (const runner of runners.slice(next)) soon(runner);
  }
}
