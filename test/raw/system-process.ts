import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { SystemProcess } from '../../lib/raw/process';
import { holdChild } from '../support/held-child';

/** Spins, so that Node does not reap the process before the test looks at it. */
function whenExited(process: SystemProcess): number | null {
  for (;;) {
    const status = process.status();
    if (status !== undefined) return status;
  }
}

/** The common contract of pidfd.ts and kqueue-process.ts. */
export function testSystemProcess(open: (pid: number) => SystemProcess): void {
  test.each([
    ['exit 0', 0],
    ['exit 7', 7 << 8],
    ['exit 255', 255 << 8],
    ['kill -KILL $$', 9],
    ['kill -TERM $$', 15],
  ])(
    'of a child that ends with `%s` is its status, which is left to be reaped',
    async (command, status) => {
      const child = holdChild(command);
      const exit = once(child, 'exit');
      const process = open(child.pid);
      expect(process.status()).toBeUndefined();
      child.letGo();
      expect(whenExited(process)).toBe(status);
      expect(process.status()).toBe(status);
      process.owned.close();
      const signal = { 9: 'SIGKILL', 15: 'SIGTERM' }[status] ?? null;
      expect(await exit).toEqual([signal === null ? status >> 8 : null, signal]);
    },
  );

  test('is there for a child that has exited and was not reaped', async () => {
    const child = holdChild('exit 3');
    const exit = once(child, 'exit');
    const first = open(child.pid);
    child.letGo();
    whenExited(first);
    const second = open(child.pid);
    expect(whenExited(second)).toBe(3 << 8);
    first.owned.close();
    second.owned.close();
    await exit;
  });

  test('is not there for a process that was reaped', async () => {
    const child = holdChild('exit 0');
    child.letGo();
    await once(child, 'exit');
    expect(() => open(child.pid)).toThrow(expect.objectContaining({ code: 'ESRCH' }));
  });

  test('that is closed says so', () => {
    const own = open(process.pid);
    expect(own.status()).toBeUndefined();
    own.owned.close();
    expect(() => own.status()).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
  });
}
