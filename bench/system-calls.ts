import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';

import type { Sample } from './question';
import { TemporaryFolder } from './temporary-folder';

/** Whether system calls can be counted on this machine. */
export function canCountSystemCalls(): boolean {
  return process.platform === 'linux' && spawnSync('strace', ['--version']).status === 0;
}

/**
 * Counts the system calls that a program makes for each operation, all its threads included: the slope
 * between a short and a long run, in which those for starting and ending cancel out. strace slows the program
 * down, so only the number of calls means anything.
 *
 * @param seconds of the two runs
 * @param operate starts the program under strace(1), which needs no privilege, and ends it after that time.
 * `strace` goes before its command. Resolves with the number of operations
 */
export async function systemCallsPerOperation(
  seconds: readonly [short: number, long: number],
  operate: (strace: readonly string[], seconds: number) => Promise<number>,
): Promise<Sample> {
  const runs: { calls: number; operations: number }[] = [];
  for (const time of seconds) {
    await using folder = await TemporaryFolder.create();
    const summary = folder.path('summary');
    const operations = await operate(['strace', '-f', '-c', '-o', summary], time);
    runs.push({ operations, calls: totalOf(await readFile(summary, 'utf8')) });
  }
  const [short, long] = runs;
  if (!short || !long) return {};
  return { systemCalls: (long.calls - short.calls) / (long.operations - short.operations) };
}

/** Reads the last line of `strace -c`: % time, seconds, usecs/call, calls, errors, "total". */
function totalOf(summary: string): number {
  const calls = /^\s*100\.00\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?total$/m.exec(summary)?.[1];
  if (calls === undefined) throw new Error(`strace printed no total:\n${summary}`);
  return Number(calls);
}
