import { describe, expect, test } from 'vitest';
import { changeOf, corrected, isChange } from '../../bench/change';

const FIVE = [98, 99, 100, 101, 102];

function times(factor: number, values: readonly number[]): number[] {
  return values.map((value) => factor * value);
}

describe('what has changed from one run to another', () => {
  test('is nothing where the rounds are the same', () => {
    const change = changeOf(FIVE, FIVE);
    expect(change.factor).toBe(1);
    expect(isChange(change)).toBe(false);
  });

  test('is a factor with an interval that is exact', () => {
    const change = changeOf(FIVE, times(1.1, FIVE));
    expect(change.factor).toBeCloseTo(1.1);
    expect(change.low).toBeCloseTo((1.1 * 98) / 102);
    expect(change.high).toBeCloseTo((1.1 * 102) / 98);
    // One of the 252 orders of five and five has all of the one kind first, and one all of the other.
    expect(change.level).toBeCloseTo(1 - 2 / 252);
    expect(change.p).toBeCloseTo(2 / 252);
    expect(isChange(change)).toBe(true);
  });

  test('is seen in both directions', () => {
    expect(isChange(changeOf(FIVE, times(0.9, FIVE)))).toBe(true);
  });

  test('is not certain where a single round overlaps', () => {
    expect(isChange(changeOf(FIVE, [101.5, 120, 121, 122, 123]))).toBe(false);
  });

  test('is less certain of three rounds', () => {
    const change = changeOf([99, 100, 101], [109, 110, 111]);
    expect(change.level).toBeCloseTo(0.9);
    expect(isChange(change)).toBe(true);
  });

  test('leaves out as many pairs as the tables of Mann and Whitney say', () => {
    const ten = Array.from({ length: 10 }, (_, index) => 100 + index);
    const after = ten.map((value) => value ** 1.01);
    const factors = after.flatMap((value) => ten.map((base) => value / base)).sort((a, b) => a - b);
    const { low, high, level } = changeOf(ten, after);
    // At the level of 1 %, of two sides: 16.
    expect([low, high]).toEqual([factors[16], factors[99 - 16]]);
    expect(level).toBeGreaterThanOrEqual(0.99);
  });

  test('of different numbers of rounds is the same seen from either side', () => {
    const forth = changeOf(FIVE, [90, 91, 105]);
    const back = changeOf([90, 91, 105], FIVE);
    expect(back.low).toBeCloseTo(1 / forth.high);
    expect(back.level).toBeCloseTo(forth.level);
  });

  test('is what chance makes as often as the rounds overlap', () => {
    // By the tables: U = 2 of five and five is 0.032, of two sides.
    expect(changeOf(FIVE, [100.5, 103, 104, 105, 99.5]).p).toBeGreaterThan(0.05);
    expect(changeOf(FIVE, [100.5, 103, 104, 105, 106]).p).toBeCloseTo(0.032, 3);
    expect(changeOf(FIVE, FIVE).p).toBe(1);
  });

  test('is less likely the more numbers were looked at', () => {
    expect(corrected([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  });
});
