import { GCProfiler, getHeapStatistics } from 'node:v8';

import { nativeProgram } from '../programs';
import type { Counters } from './lifecycle';

interface EntriesAddon {
  /** Begins to count; false where the engine does not tell. */
  watch(): boolean;
  count(): number;
}

/** Set for a process whose engine shall count. */
const VARIABLE = 'IOMUX_BENCH_COUNTS';

function counting(): Counters {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an addon has no other way in
  const addon = require(nativeProgram('entries.node')) as EntriesAddon;
  if (!addon.watch()) return () => ({});
  const profiler = new GCProfiler();
  profiler.start();
  let collections = 0;
  return () => {
    // What was allocated is known as long as nothing is collected.
    collections += profiler.stop().statistics.length;
    const allocated = getHeapStatistics().used_heap_size + process.memoryUsage().arrayBuffers;
    profiler.start();
    return { entries: addon.count(), allocated, collections };
  };
}

/**
 * What the engine of this process has done until now, where that is counted: calls from C++ into
 * JavaScript, bytes on its heap and in buffers, collections.
 */
export const engine: Counters = process.env[VARIABLE] === undefined ? () => ({}) : counting();
