import { describe, expect, test } from 'vitest';
import { compareReports, type ReportComparison } from '../../bench/compare';
import type { Machine } from '../../bench/machine';
import type { PeerResult, Question } from '../../bench/question';
import type { Report } from '../../bench/report';
import { medianColumn, ratioColumn } from '../../bench/table';

const MACHINE: Machine = {
  ...{ processor: 'one', cores: 2, memoryGiB: 4, kernel: 'Linux', congestionControl: 'reno' },
  ...{ architecture: 'linux-x64', iomux: '1.0.0', versions: { node: '26.0.0', uv: '1', v8: '1' } },
};
/** No two are in the same proportion. */
const ROUNDS = Array.from({ length: 10 }, (_, round) => 1 + round ** 2 / 1e4);

function peer(name: string, rate: number): PeerResult {
  return { name, samples: ROUNDS.map((factor) => ({ rate: rate * factor })) };
}

function report(peers: readonly PeerResult[], more: Partial<Report> = {}): Report {
  const results = [{ title: 'all', parameters: {}, peers }];
  const answers = [{ question: 'echo', results }];
  const rest = { extent: 'normal', machine: MACHINE, answers } as const;
  return { date: '2026-01-01', rounds: 10, apart: true, ...rest, ...more };
}

function questionWith(...columns: Question['columns']): Question {
  return {
    ...{ name: 'echo', asks: '', columns: [medianColumn('rate', 'rate'), ...columns] },
    comparisons: () => [],
    targets: () => [],
  };
}

const AGAINST_C = questionWith(
  ratioColumn('x node:net', 'rate', () => 'node:net'),
  ratioColumn('x C', 'rate', () => 'C on epoll'),
);

function compared(before: Report, after: Report, question = AGAINST_C): ReportComparison {
  return compareReports(before, after, [question]);
}

/** Of a number of which less is better. */
function verdicts(before: Report, after: Report, question?: Question): Record<string, string> {
  const { rows } = compared(before, after, question);
  return Object.fromEntries(
    rows.map(({ subject, verdict }) => [subject.split(', ').at(-1) ?? '', verdict]),
  );
}

describe('a number of two runs', () => {
  const before = report([peer('iomux', 10), peer('C on libuv', 9), peer('C on epoll', 8)]);

  test('is put beside the program in C that its question calls the limit', () => {
    // On libuv it has become slower as well, on epoll it has not.
    const after = report([peer('iomux', 20), peer('C on libuv', 18), peer('C on epoll', 8)]);
    expect(verdicts(before, after)).toMatchObject({ iomux: 'worse', 'C on libuv': 'the machine' });
  });

  test('is unclear where the limit has changed alike', () => {
    const after = report([peer('iomux', 20), peer('C on libuv', 9), peer('C on epoll', 16)]);
    expect(verdicts(before, after)).toMatchObject({ iomux: 'unclear' });
  });

  test('is put beside what Node has where C has none of it, or nothing is in C', () => {
    const old = [peer('iomux', 10), peer('node:net', 10)];
    const current = [peer('iomux', 20), peer('node:net', 10)];
    const none = peer('C on epoll', 0);
    for (const nothing of [[], [none]]) {
      expect(
        verdicts(report([...old, ...nothing]), report([...current, ...nothing])),
      ).toMatchObject({ iomux: 'worse', 'node:net': 'same' });
    }
  });

  test('is unclear where there is nothing to put it beside', () => {
    const alone = verdicts(report([peer('iomux', 10)]), report([peer('iomux', 20)]));
    expect(alone).toEqual({ iomux: 'unclear' });
  });

  test('that is 0 in both has not changed', () => {
    const zero = report([peer('iomux', 0)]);
    expect(verdicts(zero, zero)).toEqual({ iomux: 'same' });
  });

  test('may differ by chance unless every round had processes of its own, in both', () => {
    const after = [peer('iomux', 20), peer('C on epoll', 8)];
    const shared = report(after, { apart: false });
    expect(verdicts(before, shared)).toMatchObject({ iomux: 'maybe worse' });
    expect(compared(before, shared).notes.join('\n')).toContain('--rounds 10');
  });

  test('may differ by chance where many were measured', () => {
    const five = (rate: number, name: string): PeerResult => ({
      name,
      samples: peer(name, rate).samples.slice(0, 5),
    });
    const many = (rate: number): Report =>
      report([
        five(rate, 'iomux'),
        ...Array.from({ length: 9 }, (_, index) => five(5, `other ${String(index)}`)),
        five(8, 'C on epoll'),
      ]);
    expect(verdicts(many(10), many(20))).toMatchObject({ iomux: 'maybe worse' });
    const few = (rate: number): Report => report([five(rate, 'iomux'), five(8, 'C on epoll')]);
    expect(verdicts(few(10), few(20))).toMatchObject({ iomux: 'worse' });
  });
});

describe('two runs', () => {
  const peers = [peer('iomux', 10)];

  test('that were not made alike are said to be', () => {
    const machine = {
      ...MACHINE,
      versions: { ...MACHINE.versions, node: '24.0.0' },
      environment: { IOMUX_DRIVER: 'thread' },
    };
    const before = report(peers, { machine: { ...MACHINE, environment: {} } });
    const { notes } = compared(before, report(peers, { machine }));
    expect(notes.join('\n')).toContain('Node 26.0.0, with libuv 1 and V8 1, now 24.0.0');
    expect(notes.join('\n')).toContain('environment nothing set, now IOMUX_DRIVER=thread');
    expect(compared(before, before).notes.join('\n')).not.toContain('not made alike');
  });

  test('with nothing in common are said to be', () => {
    const { notes } = compared(report(peers), report([]));
    expect(notes.at(-1)).toBe('Nothing was measured in both');
  });
});
