import { peerOf, ratios, valuesOf } from './harness';
import type { Parameters, Question, Result, Target } from './question';
import { median } from './statistics';
import { formatNumber, formatPercent } from './table';

/** A target and what came out. */
export interface Verdict {
  readonly comparison: string;
  readonly target: Target;
  /** The ratio of every round, or what was measured where there is no base. */
  readonly ratios: readonly number[];
  /** Their median. */
  readonly ratio: number;
  readonly met: boolean;
}

/** What a ratio is as a share of what it should be: 1 is the target, more is better. */
export function shareOf({ atLeast, atMost }: Target, ratio: number): number {
  return Math.min(
    atLeast === undefined ? Infinity : ratio / atLeast,
    atMost === undefined ? Infinity : atMost / ratio,
  );
}

function resultAt(at: Parameters, results: readonly Result[]): Result | undefined {
  return results.find(({ parameters }) =>
    Object.entries(at).every(([name, value]) => parameters[name] === value),
  );
}

/** Judges the targets whose comparison was made, with both peers; a quick run leaves some out. */
export function judge(targets: readonly Target[], results: readonly Result[]): Verdict[] {
  return targets.flatMap((target) => {
    const { at, baseAt = at, metric } = target;
    const result = resultAt(at, results);
    const peer = result && peerOf(result, target.peer);
    if (!peer) return [];
    const baseResult = resultAt(baseAt, results);
    const base = baseResult && peerOf(baseResult, target.base ?? target.peer);
    if (!base) return [];
    const values = target.base === undefined ? valuesOf(peer, metric) : ratios(peer, base, metric);
    const ratio = median(values);
    const met = shareOf(target, ratio) >= 1;
    return [{ comparison: result.title, target, ratios: values, ratio, met }];
  });
}

/** The bound in words. */
export function formatBound({ atLeast, atMost }: Target): string {
  return [
    ...(atLeast === undefined ? [] : [`at least ${formatNumber(atLeast, 2)}`]),
    ...(atMost === undefined ? [] : [`at most ${formatNumber(atMost, 2)}`]),
  ].join(', ');
}

/** Whether the target was reached, and by how much, or how far it is off. */
export function formatReach({ target, ratio, met }: Verdict): string {
  const share = shareOf(target, ratio);
  if (met) return `reached, ${formatPercent(share - 1)} beyond`;
  // Of what costs too much, how much it costs above; of what is too slow, how much is missing.
  return target.atMost === undefined
    ? `missed, ${formatPercent(1 - share)} short`
    : `missed, ${formatPercent(1 / share - 1)} over`;
}

/** What a target's number is called in the tables of its question. */
export function metricTitle({ columns }: Question, metric: string): string {
  return columns.find((column) => column.metric === metric)?.title ?? metric;
}

/** What is compared with what. */
export function formatRatio(question: Question, { metric, peer, base }: Target): string {
  return `${metricTitle(question, metric)}, ${[peer, base ?? []].flat().join(' / ')}`;
}

/** The lines of the last table: a target each. */
export function verdictRows(question: Question, verdicts: readonly Verdict[]): string[][] {
  return verdicts.map((verdict) => {
    const range = [Math.min(...verdict.ratios), Math.max(...verdict.ratios)];
    return [
      `${question.name}, ${verdict.comparison}: ${formatRatio(question, verdict.target)}`,
      formatNumber(verdict.ratio, 2),
      range.map((value) => formatNumber(value, 2)).join('-'),
      formatBound(verdict.target),
      formatReach(verdict),
    ];
  });
}

export const VERDICT_HEAD = ['', 'ratio', 'rounds', 'target', ''] as const;
