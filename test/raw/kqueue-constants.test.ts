import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import * as kqueue from '../../lib/kqueue';
import { hasKqueue, isEmulated } from '../support/kqueue/kernel';

const constants = Object.entries(kqueue).filter(([name]) => /^(EV|EVFILT|NOTE)_/.test(name)) as [
  string,
  number | undefined,
][];

describe('the constants of kqueue', () => {
  test('are there on every system, so that programs can be written anywhere', () => {
    expect(constants.length).toBeGreaterThan(90);
    const absent = constants.filter(([, value]) => value === undefined).map(([name]) => name);
    // Constants that only FreeBSD or only macOS has.
    const foreign = process.platform === 'freebsd' ? 'EVFILT_EXCEPT' : 'EVFILT_PROCDESC';
    expect(absent).toContain(foreign);
    expect(absent.length).toBeLessThan(40);
  });

  test('that name filters are negative numbers of 16 bits, each for one filter', () => {
    const filters = constants.filter(([name]) => name.startsWith('EVFILT_'));
    const numbers = filters.flatMap(([, value]) => value ?? []);
    for (const number of numbers) expect(Math.sign(number)).toBe(-1);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(-0x8000);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test('that are flags fit into 16 bits, filter flags into 32', () => {
    for (const [name, value = 0] of constants) {
      if (name.startsWith('EVFILT_')) continue;
      expect(value).toBe(name.startsWith('EV_') ? value & 0xffff : value >>> 0);
    }
  });
});

// CPython has them from the system's own header.
describe.runIf(hasKqueue && !isEmulated)('the constants of kqueue and those of the header', () => {
  const PROGRAM =
    'import json, select; print(json.dumps({n[3:]: getattr(select, n) for n in dir(select) if n[:3] == "KQ_"}))';
  const { status, stdout } = spawnSync('python3', ['-c', PROGRAM], { encoding: 'utf8' });
  const header = status === 0 ? (JSON.parse(stdout) as Record<string, number>) : {};

  test.skipIf(status === 0)('are not compared: there is no python3');

  test.runIf(status === 0)('are the same', () => {
    const shared = constants.filter(([name]) => name in header);
    expect(shared.length).toBeGreaterThan(30);
    // CPython's are signed.
    expect(shared.map(([name, value = 0]) => [name, value | 0])).toEqual(
      shared.map(([name]) => [name, header[name] | 0]),
    );
  });
});
