import { peerOf, ratios, valuesOf } from './harness';
import { DISTURBED } from './question';
import type { Mark, Parameters, PeerResult, Question, Result, Target } from './question';
import { roleOf } from './role';
import { median } from './statistics';
import { formatNumber, formatPercent } from './table';

/**
 * The ratio that the best program in C reaches, and whether something else bounded it, so that it could do
 * more.
 */
export interface Limit {
  readonly ratio: number;
  readonly bounded: boolean;
}

/** A target and what was measured for it. */
export interface Verdict {
  readonly comparison: string;
  readonly target: Target;
  /** The ratio of every round; without a base, what was measured. */
  readonly ratios: readonly number[];
  /** Their median. */
  readonly ratio: number;
  /** Those of the peer and its base that were disturbed. */
  readonly disturbed: readonly string[];
  /** Those of them that something else bounded: they could do more. */
  readonly bounded: readonly string[];
  /**
   * The ratio of the best program in C, if one was measured: what any program can reach on this machine.
   */
  readonly limit?: Limit;
}

/** A ratio relative to its target: 1 meets it, more is better. */
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

function hasMark(
  sign: Mark['sign'],
  peer: PeerResult,
  result: Result,
  marks: readonly Mark[],
): boolean {
  return marks.some((mark) => mark.sign === sign && mark.applies(peer, result));
}

/** The median ratio of a program in C to the same base; of several, the best. */
function limitOf(
  target: Target,
  result: Result,
  baseResult: Result,
  marks: readonly Mark[],
): Limit | undefined {
  const { metric, peer, base } = target;
  if (base === undefined || roleOf(base) === 'limit') return undefined;
  const reached = result.peers
    .filter(({ name, samples }) => roleOf(name) === 'limit' && samples[0]?.[metric] !== undefined)
    .filter((limit) => !hasMark(DISTURBED, limit, result, marks))
    .flatMap((limit) => {
      // Where a peer is compared with itself at other parameters, so is the limit.
      const other = peerOf(baseResult, base === peer ? limit.name : base);
      if (!other) return [];
      const ratio = median(ratios(limit, other, metric));
      return { ratio, bounded: hasMark('†', limit, result, marks) };
    });
  const sign = target.atMost === undefined ? -1 : 1;
  return reached.sort((a, b) => sign * (a.ratio - b.ratio))[0];
}

/** Judges the targets whose peer and base were both measured. */
export function judge(
  targets: readonly Target[],
  results: readonly Result[],
  marks: readonly Mark[] = [],
): Verdict[] {
  return targets.flatMap((target) => {
    const { at, baseAt = at, metric } = target;
    const result = resultAt(at, results);
    const peer = result && peerOf(result, target.peer);
    if (!peer) return [];
    const baseResult = resultAt(baseAt, results);
    const base = baseResult && peerOf(baseResult, target.base ?? target.peer);
    if (!base) return [];
    const limit = limitOf(target, result, baseResult, marks);
    const values = target.base === undefined ? valuesOf(peer, metric) : ratios(peer, base, metric);
    const ratio = median(values);
    const marked = (sign: Mark['sign']): string[] => [
      ...(hasMark(sign, peer, result, marks) ? [peer.name] : []),
      ...(base !== peer && hasMark(sign, base, baseResult, marks) ? [base.name] : []),
    ];
    const verdict = {
      ...{ comparison: result.title, target, ratios: values, ratio },
      ...{ disturbed: marked(DISTURBED), bounded: marked('†') },
    };
    return [limit === undefined ? verdict : { ...verdict, limit }];
  });
}

/** A target that nothing was measured for, and why. */
export interface Unmeasured {
  readonly target: Target;
  readonly reason: string;
}

/** The targets that `judge` leaves out. */
export function unmeasured(targets: readonly Target[], results: readonly Result[]): Unmeasured[] {
  return targets.flatMap((target) => {
    const { at, baseAt = at, peer, base = peer } = target;
    const pairs = [[at, peer] as const, [baseAt, base] as const];
    const reasons = pairs.flatMap(([where, name]) => {
      const result = resultAt(where, results);
      if (!result) return ['not compared'];
      return peerOf(result, name) ? [] : [`no ${name}`];
    });
    const [reason] = reasons;
    return reason === undefined ? [] : [{ target, reason }];
  });
}

/** A line for each target that was not measured. */
export function unmeasuredLines(question: Question, missing: readonly Unmeasured[]): string[] {
  return missing.map(({ target, reason }) => {
    const at = Object.entries(target.at).map(([name, value]) => `${name} ${String(value)}`);
    const subject = [question.name, ...at].join(', ');
    return `${subject}: ${formatRatio(question, target)}, ${formatBound(target)} (${reason})`;
  });
}

/** The bound in words. */
export function formatBound({ atLeast, atMost }: Target): string {
  return [
    ...(atLeast === undefined ? [] : [`at least ${formatNumber(atLeast, 2)}`]),
    ...(atMost === undefined ? [] : [`at most ${formatNumber(atMost, 2)}`]),
  ].join(', ');
}

export function isReached({ target, ratio }: Verdict): boolean {
  return shareOf(target, ratio) >= 1;
}

/** How many rounds are on the other side of the target than their median. */
function dissentingRounds(verdict: Verdict): number {
  const { target, ratios } = verdict;
  return ratios.filter((ratio) => shareOf(target, ratio) >= 1 !== isReached(verdict)).length;
}

/** Whether the target was reached, and by how much, or how far it is off. */
export function formatReach(verdict: Verdict): string {
  const { target, ratio, ratios, disturbed, bounded } = verdict;
  if (disturbed.length > 0) return `not judged: ${disturbed.join(' and ')} ${DISTURBED}`;
  const share = shareOf(target, ratio);
  // A cost is over its bound by a share of it; a rate is short of its bound by a share of it.
  const [reach, other] = isReached(verdict)
    ? [`reached, ${formatPercent(share - 1)} beyond`, 'missed']
    : target.atMost === undefined
      ? [`missed, ${formatPercent(1 - share)} short`, 'reached']
      : [`missed, ${formatPercent(1 / share - 1)} over`, 'reached'];
  const rounds = `${String(dissentingRounds(verdict))} of ${String(ratios.length)} rounds`;
  return [
    reach,
    ...(dissentingRounds(verdict) > 0 ? [`${other} in ${rounds}`] : []),
    ...(bounded.length > 0 ? [`${bounded.join(' and ')} †`] : []),
  ].join('; ');
}

/** The title of a metric in the tables of its question. */
export function metricTitle({ columns }: Question, metric: string): string {
  return columns.find((column) => column.metric === metric)?.title ?? metric;
}

/** What a target compares. */
export function formatRatio(question: Question, { metric, peer, base }: Target): string {
  return `${metricTitle(question, metric)}, ${[peer, base ?? []].flat().join(' / ')}`;
}

function formatLimit({ ratio, bounded }: Limit): string {
  return `${formatNumber(ratio, 2)}${bounded ? ' †' : ''}`;
}

/** The rows of the table of targets. */
export function verdictRows(question: Question, verdicts: readonly Verdict[]): string[][] {
  return verdicts.map((verdict) => {
    const range = [Math.min(...verdict.ratios), Math.max(...verdict.ratios)];
    return [
      `${question.name}, ${verdict.comparison}: ${formatRatio(question, verdict.target)}`,
      formatNumber(verdict.ratio, 2),
      range.map((value) => formatNumber(value, 2)).join('-'),
      verdict.limit === undefined ? '-' : formatLimit(verdict.limit),
      formatBound(verdict.target),
      formatReach(verdict),
    ];
  });
}

export const VERDICT_HEAD = ['', 'ratio', 'rounds', 'C', 'target', ''] as const;

/** What the signs in the table of targets mean. */
export function verdictNotes(verdicts: readonly Verdict[]): string[] {
  return [
    ...(verdicts.some(({ bounded, limit }) => bounded.length > 0 || limit?.bounded === true)
      ? ['† was bounded by something else, and could do more: see its table']
      : []),
    ...(verdicts.some(({ disturbed }) => disturbed.length > 0)
      ? [`${DISTURBED} was disturbed: see its table`]
      : []),
  ];
}

/** How many of the targets were reached, missed, disturbed or not measured. */
export function summary(verdicts: readonly Verdict[], missing: readonly Unmeasured[] = []): string {
  const judged = verdicts.filter(({ disturbed }) => disturbed.length === 0);
  const reached = judged.filter(isReached);
  const missed = judged.filter((verdict) => !isReached(verdict));
  const unsteady = reached.filter((verdict) => dissentingRounds(verdict) > 0);
  const missedByC = missed.filter(
    ({ target, limit }) => limit?.bounded === false && shareOf(target, limit.ratio) < 1,
  );
  const count = (length: number, text: string): string[] =>
    length === 0 ? [] : [`${String(length)} ${text}`];
  return [
    [
      `${String(reached.length)} of ${String(verdicts.length + missing.length)} reached`,
      ...count(unsteady.length, 'of them not in every round'),
    ],
    [...count(missed.length, 'missed'), ...count(missedByC.length, 'of them by C too')],
    count(verdicts.length - judged.length, 'disturbed and not judged'),
    count(missing.length, 'not measured in this run'),
  ]
    .filter(({ length }) => length > 0)
    .map((part) => part.join(', '))
    .join('; ');
}
