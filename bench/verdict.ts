import { peerOf, ratios, valuesOf } from './harness';
import type { Parameters, Question, Result, Target } from './question';
import { roleOf } from './role';
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
  /** The same of the best program in C, where one was measured: what this machine lets anybody reach. */
  readonly limit?: number;
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

/** The median ratio of what is written in C to the same base: of several, the best. */
function limitOf(target: Target, result: Result, baseResult: Result): number | undefined {
  const { metric, peer, base } = target;
  if (base === undefined || roleOf(base) === 'limit') return undefined;
  const reached = result.peers
    .filter(({ name, samples }) => roleOf(name) === 'limit' && samples[0]?.[metric] !== undefined)
    .flatMap((limit) => {
      // A peer may be compared with itself under other circumstances; so is the limit then.
      const other = peerOf(baseResult, base === peer ? limit.name : base);
      return other ? median(ratios(limit, other, metric)) : [];
    });
  if (reached.length === 0) return undefined;
  return target.atMost === undefined ? Math.max(...reached) : Math.min(...reached);
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
    const limit = limitOf(target, result, baseResult);
    const values = target.base === undefined ? valuesOf(peer, metric) : ratios(peer, base, metric);
    const ratio = median(values);
    const met = shareOf(target, ratio) >= 1;
    const verdict = { comparison: result.title, target, ratios: values, ratio, met };
    return [limit === undefined ? verdict : { ...verdict, limit }];
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
      verdict.limit === undefined ? '-' : formatNumber(verdict.limit, 2),
      formatBound(verdict.target),
      formatReach(verdict),
    ];
  });
}

export const VERDICT_HEAD = ['', 'ratio', 'rounds', 'C', 'target', ''] as const;

/** How many were reached, and how many cannot be on this machine. */
export function summary(verdicts: readonly Verdict[]): string {
  const reached = verdicts.filter(({ met }) => met).length;
  const beyond = verdicts.filter(
    ({ met, target, limit }) => !met && limit !== undefined && shareOf(target, limit) < 1,
  ).length;
  const missed = beyond === 0 ? '' : `; C misses ${String(beyond)} of the others too`;
  return `${String(reached)} of ${String(verdicts.length)} reached${missed}`;
}
