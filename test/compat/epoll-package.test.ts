import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { peerPackage } from '../support/peers';

// One of them takes five seconds.
vi.setConfig({ testTimeout: 60_000 });

const folder = peerPackage('epoll');
const PRELOAD = join(__dirname, 'instead-of-epoll.cjs');
const PROGRAMS = [
  'closed',
  'do-almost-nothing',
  'do-nothing',
  'no-gc-allowed',
  'one-shot',
  'performance-check',
  'two-shot',
  'verify-events',
];

/** The output of the program: it prints its failures, and exits with 0 even so. */
async function printed(program: string): Promise<string> {
  const path = join(folder ?? '', 'test', `${program}.js`);
  const running = promisify(execFile)(process.execPath, ['--require', PRELOAD, path]);
  running.child.stdin?.end('\n');
  const { stdout, stderr } = await running;
  return `${stdout}${stderr}`.replace(/^ +[1-9]\d* events per second\n$/, '');
}

describe.skipIf(folder === undefined)("npm's epoll", () => {
  test('has tests that pass as they are', async () => {
    const all = await Promise.all(PROGRAMS.map(printed));
    expect(all).toEqual(PROGRAMS.map(() => ''));
  });
});
