import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether system calls can be counted on this machine. */
export function canCountSystemCalls(): boolean {
  return process.platform === 'linux' && spawnSync('strace', ['--version']).status === 0;
}

/**
 * Counts the system calls that a server makes, all its threads included, while `use` runs.
 *
 * The server is started under strace(1) rather than attached to: that needs no privilege.
 *
 * @param use gets the command that starts the server under strace; must have ended it when it
 * resolves
 */
export async function countSystemCalls(
  command: readonly string[],
  use: (traced: string[]) => Promise<void>,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'iomux-bench-'));
  try {
    const summary = join(folder, 'summary');
    await use(['strace', '-f', '-c', '-o', summary, ...command]);
    return totalOf(await readFile(summary, 'utf8'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Reads the last line of `strace -c`: % time, seconds, usecs/call, calls, errors, "total". */
function totalOf(summary: string): number {
  const calls = /^\s*100\.00\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?total$/m.exec(summary)?.[1];
  if (calls === undefined) throw new Error(`strace printed no total:\n${summary}`);
  return Number(calls);
}
