import type { Sample } from './question';

/** The middle of the values; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('The median of no values does not exist');
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted.length >> 1;
  const lower = (sorted.length - 1) >> 1;
  return ((sorted[lower] ?? NaN) + (sorted[upper] ?? NaN)) / 2;
}

/** The median of each metric over several samples. */
export function medianSample(samples: readonly Sample[]): Sample {
  const metrics = Object.keys(samples[0] ?? {});
  return Object.fromEntries(
    metrics.map((metric) => [metric, median(samples.map((sample) => sample[metric] ?? NaN))]),
  );
}

/** Half the distance from the least value to the greatest, as a share of the median. */
export function spread(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / 2 / median(values);
}
