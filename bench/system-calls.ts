import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';

import { TemporaryFolder } from './temporary-folder';

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
  await using folder = await TemporaryFolder.create();
  const summary = folder.path('summary');
  await use(['strace', '-f', '-c', '-o', summary, ...command]);
  return totalOf(await readFile(summary, 'utf8'));
}

/** Reads the last line of `strace -c`: % time, seconds, usecs/call, calls, errors, "total". */
function totalOf(summary: string): number {
  const calls = /^\s*100\.00\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?total$/m.exec(summary)?.[1];
  if (calls === undefined) throw new Error(`strace printed no total:\n${summary}`);
  return Number(calls);
}
