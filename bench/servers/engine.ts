import { GCProfiler, getHeapStatistics } from 'node:v8';

import { nativeProgram } from '../programs';
import type { Counters } from './lifecycle';

interface EntriesAddon {
  /** Starts counting; false if this engine has no counter. */
  watch(): boolean;
  count(): number;
}

/** The environment variable that switches the counters on. */
const VARIABLE = 'IOMUX_BENCH_COUNTS';

function counting(): Counters {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an addon has no other way in
  const addon = require(nativeProgram('entries.node')) as EntriesAddon;
  if (!addon.watch()) return () => ({});
  const profiler = new GCProfiler();
  profiler.start();
  let collections = 0;
  return () => {
    // The size of the heap tells what was allocated only as long as nothing is collected.
    collections += profiler.stop().statistics.length;
    const allocated = getHeapStatistics().used_heap_size + process.memoryUsage().arrayBuffers;
    profiler.start();
    return { entries: addon.count(), allocated, collections };
  };
}

/**
 * The counters of V8 in this process, if they are on: calls from C++ into JavaScript, bytes on the heap and
 * in buffers, garbage collections.
 */
export const engine: Counters = process.env[VARIABLE] === undefined ? () => ({}) : counting();
