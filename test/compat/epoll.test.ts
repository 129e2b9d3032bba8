import { describe, expect, test } from 'vitest';
import { native } from '../../lib/native';
import { inChild, type Outcome } from '../support/child';
import { peerPackage } from '../support/peers';
import { events } from './event-programs';
import { calls, CODES, type Program } from './programs';

const OURS = 'iomux/compat/epoll';

/** Runs the program with the class of that package, in a process of its own. */
function run(name: string, program: Program): Promise<Outcome> {
  return inChild(
    (tools, { name: loaded, source }) => {
      const { Epoll } = require(loaded) as { Epoll: unknown };
      const body = eval(`(${source})`) as (epoll: unknown, tools: unknown) => unknown;
      return body(Epoll, tools);
    },
    { argument: { name, source: program.toString() }, flags: ['--expose-gc'] },
  );
}

/** The errors of npm's `epoll` have no codes. */
function withCodes(result: unknown): unknown {
  const codeOf = (text: unknown): unknown => CODES[String(text)] ?? text;
  return Array.isArray(result) ? result.map(codeOf) : result;
}

const npm = peerPackage('epoll');
const packages = [['ours', OURS], ...(npm === undefined ? [] : [["npm's", npm]])];

describe.runIf(native.backend === 'epoll').each(packages)('the class Epoll, %s,', (_, name) => {
  test.each(Object.entries({ ...calls, ...events }))('%s', async (_title, [program, expected]) => {
    const { result, ...outcome } = await run(name, program);
    expect(outcome).toEqual({ code: 0, signal: null, late: false, stderr: '' });
    expect(withCodes(result)).toEqual(expected);
  });
});
