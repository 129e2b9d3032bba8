import { readFileSync } from 'node:fs';

/**
 * Loads the module that its argument names, or none, and prints what that took:
 * `{"milliseconds":MS,"cpuMilliseconds":MS,"memory":KiB,"heap":KiB}`.
 */
function main(): void {
  const name = process.argv[2];
  // Loads what only the measuring needs, so that it does not count as the module's.
  difference(load(undefined));
  // Measured before `stdout` is used: if it is a pipe, that loads node:net.
  const report = difference(load(name));
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

interface Size {
  readonly heap: number;
  readonly memory: number;
}

interface Clock {
  readonly time: number;
  readonly cpu: NodeJS.CpuUsage;
}

interface Samples {
  readonly sizes: readonly [Size, Size];
  readonly clocks: readonly [Clock, Clock];
}

/** Reads the clocks last before and first after, since measuring the memory takes half a millisecond. */
function load(name: string | undefined): Samples {
  const sizeBefore = size();
  const before = clock();
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the time that it takes is the question
  if (name !== undefined) require(name);
  const after = clock();
  return { sizes: [sizeBefore, size()], clocks: [before, after] };
}

function size(): Size {
  return { heap: process.memoryUsage().heapUsed, memory: residentMemory() };
}

function clock(): Clock {
  return { time: performance.now(), cpu: process.cpuUsage() };
}

/**
 * In KiB, counted page by page. `process.memoryUsage()` reads counters that the kernel keeps for each core,
 * which may be some hundred KiB behind.
 */
function residentMemory(): number {
  const smaps = readFileSync('/proc/self/smaps_rollup', 'utf8');
  return Number(/^Rss:\s+(\d+) kB$/m.exec(smaps)?.[1]);
}

function difference({ sizes, clocks }: Samples): Record<string, number> {
  const [before, after] = clocks;
  const cpu = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system;
  return {
    milliseconds: after.time - before.time,
    cpuMilliseconds: cpu / 1e3,
    memory: sizes[1].memory - sizes[0].memory,
    heap: (sizes[1].heap - sizes[0].heap) / 1024,
  };
}

main();
