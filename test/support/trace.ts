import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ended, inChild, type Script } from './child';

export const straced = spawnSync('strace', ['-V']).status === 0;
if (!straced) console.warn('strace is not installed: system calls are not counted');

export const WAITS = 'epoll_wait,epoll_pwait,epoll_pwait2,poll,ppoll';
const CONNECTS = 'socket,connect,setsockopt,getsockopt,getsockname,getpeername,close';
const MOVES = 'read,write,recvfrom,sendto,sendmsg,writev,sendfile,splice';
const TRACED = `trace=timerfd_settime,epoll_ctl,${MOVES},access,faccessat,faccessat2,${CONNECTS},${WAITS}`;

// When its heap fills or grows, V8 wakes the loop by a write and a read, for tasks and timers of its own.
const flags = ['--no-minor-gc-task', '--no-memory-reducer'];

// When threads contend for the heap, glibc creates another one, and reads the number of processors.
const BY_GLIBC = /^\d+ +\w+\(\d+<\/(?:sys|proc)\//;

export interface Trace {
  readonly result: unknown;
  /** How often each call was made between the marks, by any thread. */
  readonly calls: Readonly<Record<string, number>>;
  /** The calls as strace writes them, with what their descriptors are. */
  readonly lines: readonly string[];
}

/** Counts the calls that a script makes between `existsSync('/begin')` and `existsSync('/end')`. */
export async function trace<A>(script: Script<A>, argument?: A): Promise<Trace> {
  const folder = mkdtempSync(join(tmpdir(), 'iomux-'));
  try {
    const file = join(folder, 'trace');
    const under = ['strace', '-f', '-y', '-qq', '-e', TRACED, '-e', 'signal=none', '-o', file];
    const { result, ...outcome } = await inChild(script, { argument, under, flags });
    expect(outcome).toEqual(ended);
    const all = readFileSync(file, 'utf8').split('\n');
    const begin = all.findIndex((line) => line.includes('"/begin"'));
    const end = all.findIndex((line) => line.includes('"/end"'));
    expect(begin).toBeGreaterThan(0);
    expect(end).toBeGreaterThan(begin);
    const lines = all.slice(begin + 1, end).filter((line) => !BY_GLIBC.test(line));
    const calls: Record<string, number> = {};
    for (const line of lines) {
      // The second half of a call that another thread came between does not match.
      const name = /^\d+ +(\w+)\(/.exec(line)?.[1];
      if (name !== undefined) calls[name] = (calls[name] ?? 0) + 1;
    }
    return { result, calls, lines };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function sum(calls: Trace['calls'], names: string): number {
  return names.split(',').reduce((total, name) => total + (calls[name] ?? 0), 0);
}

/** The calls of these names, as strace writes them. */
export function named(lines: readonly string[], ...names: string[]): string[] {
  return lines.filter((line) => names.includes(/^\d+ +(\w+)\(/.exec(line)?.[1] ?? ''));
}
