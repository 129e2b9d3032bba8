import { readFileSync } from 'node:fs';

/**
 * In KiB, counted page by page. `process.memoryUsage()` reads counters that the kernel keeps for each core,
 * which may be some hundred KiB behind.
 */
function residentMemory(): number {
  const smaps = readFileSync('/proc/self/smaps_rollup', 'utf8');
  return Number(/^Rss:\s+(\d+) kB$/m.exec(smaps)?.[1]);
}

function heapSize(): number {
  return process.memoryUsage().heapUsed / 1024;
}

/** Reads the clocks last before and first after, since measuring the memory takes half a millisecond. */
function load(name: string | undefined): Readonly<Record<string, number>> {
  const before = { heap: heapSize(), memory: residentMemory() };
  const begin = performance.now();
  const spent = process.cpuUsage();
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the time that it takes is the question
  if (name !== undefined) require(name);
  const milliseconds = performance.now() - begin;
  const { user, system } = process.cpuUsage(spent);
  const heap = heapSize() - before.heap;
  const memory = residentMemory() - before.memory;
  return { milliseconds, cpuMilliseconds: (user + system) / 1e3, memory, heap };
}

// Loads the module that its argument names, or none, and prints what that took:
// `{"milliseconds":MS,"cpuMilliseconds":MS,"memory":KiB,"heap":KiB}`.

// Loads what only the measuring needs, so that it does not count as the module's.
load(undefined);
// Measured before `stdout` is used: if it is a pipe, that loads node:net.
const report = load(process.argv[2]);
process.stdout.write(`${JSON.stringify(report)}\n`);
