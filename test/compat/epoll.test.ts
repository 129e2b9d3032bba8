import { beforeAll, describe, expect, test } from 'vitest';
import { native } from '../../lib/native';
import { ended, inChild } from '../support/child';
import { peerPackage } from '../support/peers';
import { alone, events } from './event-programs';
import { calls, CODES, type Programs } from './programs';

const OURS = 'iomux/compat/epoll';

/** Runs the programs with the class of that package, one after the other in a process of their own. */
async function run(name: string, programs: Programs): Promise<unknown[]> {
  const { result, ...outcome } = await inChild(
    async (tools, { name: loaded, sources }) => {
      const { Epoll } = require(loaded) as { Epoll: unknown };
      const results: unknown[] = [];
      for (const source of sources) {
        const body = eval(`(${source})`) as (epoll: unknown, tools: unknown) => unknown;
        results.push(await body(Epoll, tools));
      }
      return results;
    },
    {
      argument: { name, sources: Object.values(programs).map(([program]) => program.toString()) },
      flags: ['--expose-gc'],
    },
  );
  expect(outcome).toEqual(ended);
  return result as unknown[];
}

/** The errors of npm's `epoll` have no codes. */
function withCodes(result: unknown): unknown {
  const codeOf = (text: unknown): unknown => CODES[String(text)] ?? text;
  return Array.isArray(result) ? result.map(codeOf) : result;
}

// What npm's does depends on no driver.
const npm = process.env['IOMUX_DRIVER'] === 'uv' ? peerPackage('epoll') : undefined;
const packages = [['ours', OURS], ...(npm === undefined ? [] : [["npm's", npm]])];

describe.runIf(native.backend === 'epoll').each(packages)('the class Epoll, %s,', (_, name) => {
  const together = { ...calls, ...events };
  const titles = Object.keys(together);
  let results: unknown[] = [];
  beforeAll(async () => {
    results = await run(name, together);
  });

  test.each(titles)('%s', (title) => {
    expect(withCodes(results[titles.indexOf(title)])).toEqual(together[title][1]);
  });

  test.each(Object.entries(alone))('%s', async (_title, [program, expected]) => {
    expect(await run(name, { program: [program, expected] })).toEqual([expected]);
  });
});
