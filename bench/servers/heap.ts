import type { Counters } from './lifecycle';

/** Counts the bytes that V8 cannot collect. The process must have been started with --expose-gc. */
export const heap: Counters = () => {
  globalThis.gc?.();
  return { heap: process.memoryUsage().heapUsed };
};
