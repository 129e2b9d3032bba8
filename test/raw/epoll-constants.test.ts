import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import * as epoll from '../../lib/epoll';
import * as select from '../../lib/select';

// CPython has them from the system's own headers.
const PROGRAM =
  'import json, select; print(json.dumps({n: getattr(select, n) for n in dir(select) if n.isupper()}))';
const { status, stdout } = spawnSync('python3', ['-c', PROGRAM], { encoding: 'utf8' });
const expected = status === 0 ? (JSON.parse(stdout) as Record<string, number>) : {};

const exported = Object.entries({ ...epoll, ...select });
const shared = exported.filter(([name]) => name in expected);

describe('the constants', () => {
  test.skipIf(status === 0)('are not compared: there is no python3 whose select module has them');

  test.runIf(status === 0)('are those of the system’s headers', () => {
    expect(Object.fromEntries(shared)).toEqual(
      Object.fromEntries(shared.map(([name]) => [name, expected[name]])),
    );
    expect(shared.length).toBeGreaterThan(10);
  });

  test.runIf(status === 0)('are all of them that have to do with epoll and poll', () => {
    const names = Object.keys(expected).filter((name) => /^(EPOLL|POLL)/.test(name));
    // Neither in POSIX nor ever reported by Linux.
    const missing = names.filter((name) => !(name in { ...epoll, ...select, POLLMSG: 0 }));
    expect(missing).toEqual([]);
  });

  test('are numbers that no two flags share', () => {
    const flags = Object.entries(epoll).filter(([name]) => /^EPOLL[A-Z]/.test(name));
    const numbers = flags.map(([, value]) => value as number);
    expect(numbers.length).toBeGreaterThan(14);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) expect(Math.log2(number) % 1).toBe(0);
  });
});
