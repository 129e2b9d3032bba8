import { describe, expect, test } from 'vitest';
import { isTimetableMissed } from '../../bench/load';

const KEPT = { rate: 1000, messagesPerSecond: 995, generatorShare: 0.99 };

function isMissed(...samples: Record<string, number>[]): boolean {
  return isTimetableMissed({ name: 'iomux', samples });
}

describe('a timetable', () => {
  test('is kept where its messages leave and are answered in time', () => {
    expect(isMissed(KEPT, KEPT, KEPT)).toBe(false);
  });

  test('is missed where the generator shares its core', () => {
    expect(isMissed({ ...KEPT, generatorShare: 0.9 })).toBe(true);
  });

  test('is missed where the rate is another by more than a fiftieth', () => {
    expect(isMissed({ ...KEPT, messagesPerSecond: 970 })).toBe(true);
    expect(isMissed({ ...KEPT, messagesPerSecond: 1030 })).toBe(true);
  });

  test('is judged by the median of the rounds', () => {
    expect(isMissed(KEPT, KEPT, { ...KEPT, generatorShare: 0.1 })).toBe(false);
  });
});
