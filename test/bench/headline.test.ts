import { describe, expect, test } from 'vitest';
import { leastAdvantage } from '../../bench/html/headline';
import type { Verdict } from '../../bench/verdict';

function verdict(base: string, ratio: number, more: Partial<Verdict> = {}): Verdict {
  const target = { at: {}, metric: 'rate', peer: 'iomux', base, atLeast: 1 };
  return {
    ...{ comparison: '', target, ratios: [ratio], ratio, disturbed: [], bounded: [] },
    ...more,
  };
}

describe('the row of a question in the plot of all', () => {
  test('is the least that it gives', () => {
    const verdicts = [verdict('node:net', 4), verdict('node:net', 2), verdict('node:net', 3)];
    expect(leastAdvantage(verdicts)?.ratio).toBe(2);
  });

  test('is the least also where what is small is good', () => {
    const { target } = verdict('node:net', 0);
    const cheap = verdict('node:net', 0.8, { target: { ...target, atMost: 1 } });
    expect(leastAdvantage([verdict('node:net', 2), cheap])?.ratio).toBe(0.8);
  });

  test('is about what Node has', () => {
    const others = [verdict('C on epoll', 0.9), verdict('iomux', 0.8), verdict('Bun.listen', 1)];
    expect(leastAdvantage(others)).toBeUndefined();
  });

  test('is the least also where that was disturbed', () => {
    const disturbed = verdict('node:net', 1.1, { disturbed: ['node:net'] });
    expect(leastAdvantage([verdict('node:net', 2), disturbed])).toBe(disturbed);
  });
});
