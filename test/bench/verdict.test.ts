import { describe, expect, test } from 'vitest';
import type { Mark, PeerResult, Question, Result, Target } from '../../bench/question';
import {
  formatReach,
  isReached,
  judge,
  summary,
  unmeasured,
  type Verdict,
  verdictNotes,
  verdictRows,
} from '../../bench/verdict';

const AT = { connections: 50 };
const RATE = { at: AT, metric: 'rate', peer: 'iomux', base: 'node:net' };

const QUESTION: Question = {
  ...{ name: 'echo', asks: '', columns: [] },
  comparisons: () => [],
  targets: () => [],
};

function peer(name: string, ...rates: number[]): PeerResult {
  return { name, samples: rates.map((rate) => ({ rate })) };
}

function result(...peers: PeerResult[]): Result {
  return { title: '50 connections', parameters: AT, peers };
}

const measured = result(
  peer('iomux', 13, 14, 15),
  peer('node:net', 10, 10, 10),
  peer('C on libuv', 14, 14, 14),
  peer('C on epoll', 16, 15, 17),
);

function verdictOn(target: Target, ...results: Result[]): Verdict {
  return judge([target], results)[0];
}

describe('a target', () => {
  test('is judged by the median of the ratios within the rounds', () => {
    expect(verdictOn({ ...RATE, atLeast: 1.4 }, measured)).toMatchObject({
      ratios: [1.3, 1.4, 1.5],
      ratio: 1.4,
    });
    expect(isReached(verdictOn({ ...RATE, atLeast: 1.4 }, measured))).toBe(true);
    expect(isReached(verdictOn({ ...RATE, atLeast: 1.5 }, measured))).toBe(false);
  });

  test('is put beside what the best program in C reaches of the same', () => {
    expect(verdictOn({ ...RATE, atLeast: 1.7 }, measured).limit).toEqual({
      ratio: 1.6,
      bounded: false,
    });
  });

  test('of what should be small has the smallest limit', () => {
    expect(verdictOn({ ...RATE, atMost: 1 }, measured).limit).toEqual({
      ratio: 1.4,
      bounded: false,
    });
  });

  test('against C, or against nothing, has no limit', () => {
    expect(verdictOn({ ...RATE, base: 'C on epoll', atLeast: 1 }, measured).limit).toBeUndefined();
    expect(verdictOn({ at: AT, metric: 'rate', peer: 'iomux', atLeast: 1 }, measured)).toEqual(
      expect.not.objectContaining({ limit: expect.anything() as unknown }),
    );
  });

  test('has no limit where C has not measured that', () => {
    const without = result(peer('iomux', 1), peer('node:net', 1), {
      name: 'C on epoll',
      samples: [{ memory: 1 }],
    });
    expect(verdictOn({ ...RATE, atLeast: 1 }, without).limit).toBeUndefined();
  });

  test('of a peer against itself elsewhere has the limit against itself there', () => {
    const few = {
      ...result(peer('iomux', 10), peer('C on epoll', 40)),
      parameters: { pairs: 100 },
    };
    const many = {
      ...result(peer('iomux', 5), peer('C on epoll', 30)),
      parameters: { pairs: 8000 },
    };
    const flat = {
      at: { pairs: 8000 },
      baseAt: { pairs: 100 },
      metric: 'rate',
      peer: 'iomux',
      base: 'iomux',
      atLeast: 0.7,
    };
    expect(verdictOn(flat, few, many)).toMatchObject({ ratio: 0.5, limit: { ratio: 0.75 } });
  });

  test('that C misses too is told apart from one that is only missed', () => {
    const verdicts = [1.4, 1.5, 1.7].map((atLeast) => verdictOn({ ...RATE, atLeast }, measured));
    expect(summary(verdicts.slice(1))).toBe('0 of 2 reached; 2 missed, 1 of them by C too');
    expect(summary(verdicts.slice(0, 2))).toBe(
      '1 of 2 reached, 1 of them not in every round; 1 missed',
    );
  });

  test('says where its rounds do not agree', () => {
    expect(formatReach(verdictOn({ ...RATE, atLeast: 1.4 }, measured))).toBe(
      'reached, 0 % beyond; missed in 1 of 3 rounds',
    );
    expect(formatReach(verdictOn({ ...RATE, atLeast: 1.5 }, measured))).toBe(
      'missed, 7 % short; reached in 1 of 3 rounds',
    );
    expect(formatReach(verdictOn({ ...RATE, atLeast: 1.2 }, measured))).toBe(
      'reached, 17 % beyond',
    );
  });

  test('that was not measured is counted, and why', () => {
    const targets = [
      { ...RATE, atLeast: 1.2 },
      { ...RATE, at: { connections: 500 }, atLeast: 1.2 },
      { ...RATE, base: 'Bun.listen', atLeast: 1 },
    ];
    const missing = unmeasured(targets, [measured]);
    expect(missing.map(({ reason }) => reason)).toEqual(['not compared', 'no Bun.listen']);
    expect(summary(judge(targets, [measured]), missing)).toBe(
      '1 of 3 reached; 2 not measured in this run',
    );
  });

  describe('of a peer with a mark', () => {
    const marking = (sign: Mark['sign'], name: string): Mark => ({
      ...{ sign, meaning: '' },
      applies: (one) => one.name === name,
    });
    const judgeOne = (mark: Mark): Verdict[] =>
      judge([{ ...RATE, atLeast: 1.2 }], [measured], [mark]);

    test.each(['iomux', 'node:net'])('is not judged where %s was disturbed', (name) => {
      const verdicts = judgeOne(marking('‡', name));
      expect(formatReach(verdicts[0])).toBe(`not judged: ${name} ‡`);
      expect(summary(verdicts)).toBe('0 of 1 reached; 1 disturbed and not judged');
    });

    test('is told where one of the two was bounded by something else', () => {
      expect(formatReach(judgeOne(marking('†', 'iomux'))[0])).toBe('reached, 17 % beyond; iomux †');
      expect(formatReach(judgeOne(marking('†', 'C on epoll'))[0])).toBe('reached, 17 % beyond');
    });

    test('says of its limit that C was bounded, and not that C misses it too', () => {
      const [verdict] = judge(
        [{ ...RATE, atLeast: 1.7 }],
        [measured],
        [marking('†', 'C on epoll')],
      );
      expect(verdict.limit).toEqual({ ratio: 1.6, bounded: true });
      expect(verdictRows(QUESTION, [verdict])[0][3]).toBe('1.60 †');
      expect(verdictNotes([verdict])).toEqual([expect.stringMatching(/^†/)]);
      expect(summary([verdict])).toBe('0 of 1 reached; 1 missed');
    });

    test('has no limit by a program in C that was disturbed', () => {
      expect(judgeOne(marking('‡', 'C on epoll'))[0].limit?.ratio).toBe(1.4);
    });
  });
});
