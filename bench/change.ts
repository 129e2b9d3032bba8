import { median } from './statistics';

/** The confidence level of an interval, if there are enough rounds for it. */
const LEVEL = 0.99;

/** By what factor values have changed. */
export interface Change {
  readonly factor: number;
  /** The confidence interval of the factor. */
  readonly low: number;
  readonly high: number;
  /** Its confidence level. */
  readonly level: number;
  /** The p-value: how often chance alone makes a difference as large as this one. */
  readonly p: number;
}

/**
 * The distribution of the statistic U of Mann and Whitney: `orders(m, n)[u]` is the number of orders of `m`
 * values and `n` others in which the other comes first in `u` pairs. These are the coefficients of the
 * Gaussian binomial.
 */
function orders(m: number, n: number): number[] {
  const counts = Array.from({ length: m * n + 1 }, (_, pairs) => Number(pairs === 0));
  const at = (pairs: number): number => counts[pairs] ?? 0;
  for (let i = 1; i <= m; i += 1) {
    for (let pairs = m * n; pairs >= n + i; pairs -= 1)
      counts[pairs] = at(pairs) - at(pairs - n - i);
    for (let pairs = i; pairs <= m * n; pairs += 1) counts[pairs] = at(pairs) + at(pairs - i);
  }
  return counts;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * The factor from one set of rounds to another: the median of the factors of all pairs (the estimator of
 * Hodges and Lehmann), with the confidence interval of the test of Mann and Whitney, which is exact for few
 * values and assumes no distribution. Three rounds against three allow 90 %.
 */
export function changeOf(before: readonly number[], after: readonly number[]): Change {
  const factors = after.flatMap((value) =>
    before.map((base) => (value === base ? 1 : value / base)),
  );
  factors.sort((a, b) => a - b);
  const counts = orders(before.length, after.length);
  const levelOf = (pairs: number): number =>
    1 - (2 * sum(counts.slice(0, pairs + 1))) / sum(counts);
  // How many pairs the interval leaves out on either side.
  let left = 0;
  while (levelOf(left + 1) >= LEVEL) left += 1;
  const notAbove = factors.filter((factor) => factor <= 1).length;
  const notBelow = factors.filter((factor) => factor >= 1).length;
  return {
    factor: median(factors),
    low: factors[left] ?? NaN,
    high: factors[factors.length - 1 - left] ?? NaN,
    level: levelOf(left),
    p: Math.min(1, 1 - levelOf(Math.min(notAbove, notBelow))),
  };
}

/** The p-values after the correction of Holm for multiple comparisons. */
export function corrected(ps: readonly number[]): number[] {
  const order = ps.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const result = ps.map(() => 1);
  let most = 0;
  for (const [rank, { p, index }] of order.entries()) {
    most = Math.max(most, Math.min(1, p * (ps.length - rank)));
    result[index] = most;
  }
  return result;
}

/** Whether the rounds of the two differ by more than chance explains. */
export function isChange({ low, high }: Change): boolean {
  return low > 1 || high < 1;
}
