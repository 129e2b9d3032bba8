import { describe, expect, test } from 'vitest';
import { isLimitedByGenerator, isNeitherBusy, isTimetableMissed } from '../../bench/load';

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

describe('a server that is asked for all that it can', () => {
  const isMarked = (serverShare: number, generatorShare: number): boolean[] => {
    const peer = { name: 'iomux', samples: [{ serverShare, generatorShare }] };
    return [isLimitedByGenerator(peer), isNeitherBusy(peer)];
  };

  test('is trusted where its core was busy', () => {
    expect(isMarked(0.99, 0.6)).toEqual([false, false]);
    expect(isMarked(0.99, 0.99)).toEqual([false, false]);
  });

  test('is bounded by a generator that was busy while it was not', () => {
    expect(isMarked(0.8, 0.99)).toEqual([true, false]);
  });

  test('is disturbed where neither was busy', () => {
    expect(isMarked(0.8, 0.6)).toEqual([false, true]);
  });
});
