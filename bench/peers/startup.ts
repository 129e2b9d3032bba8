import { readFileSync } from 'node:fs';

/**
 * Loads the module that its argument names, or none, and prints what that took:
 * `{"milliseconds":MS,"cpuMilliseconds":MS,"memory":KiB,"heap":KiB}`.
 */
function main(): void {
  const name = process.argv[2];
  // What only measuring needs must not count as the module's.
  difference(look(), look());
  const before = look();
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the time that it takes is the question
  if (name !== undefined) require(name);
  const after = look();
  process.stdout.write(`${JSON.stringify(difference(before, after))}\n`);
}

interface Look {
  readonly time: number;
  readonly cpu: NodeJS.CpuUsage;
  readonly heap: number;
  readonly memory: number;
}

function look(): Look {
  const heap = process.memoryUsage().heapUsed;
  const memory = residentMemory();
  const cpu = process.cpuUsage();
  return { heap, memory, cpu, time: performance.now() };
}

/**
 * In KiB. The counters that `process.memoryUsage()` reads are kept apart per core and may be some
 * hundred KiB behind; this counts the pages.
 */
function residentMemory(): number {
  const smaps = readFileSync('/proc/self/smaps_rollup', 'utf8');
  return Number(/^Rss:\s+(\d+) kB$/m.exec(smaps)?.[1]);
}

function difference(before: Look, after: Look): Record<string, number> {
  const cpu = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system;
  return {
    milliseconds: after.time - before.time,
    cpuMilliseconds: cpu / 1e3,
    memory: after.memory - before.memory,
    heap: (after.heap - before.heap) / 1024,
  };
}

main();
