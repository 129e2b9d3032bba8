import { changeOf, corrected, isChange, type Change } from './change';
import { ratios, valuesOf } from './harness';
import { conditionsOf, formatMachine, type Machine } from './machine';
import type { PeerResult, Question, Result } from './question';
import type { Report } from './report';
import { roleOf } from './role';
import { formatNumber, formatPercent } from './table';

/** How one metric of one peer has changed between two runs. */
export interface Row {
  readonly subject: string;
  readonly absolute: Change;
  /**
   * The change of its ratio, within the rounds, to a peer that is not ours: the state of the machine
   * cancels out.
   */
  readonly relative: Change | undefined;
  /** `unclear`: only one of the two has changed. */
  readonly verdict: Direction | `maybe ${Direction}` | 'same' | 'unclear' | 'the machine';
}

type Direction = 'better' | 'worse';

/** The significance level of `better` and `worse`, for all rows together. */
const SIGNIFICANCE = 0.05;

/** The comparison of two runs, in all numbers that both have measured. */
export interface ReportComparison {
  readonly rows: readonly Row[];
  /** What is compared with what, and how much of it has not changed. */
  readonly notes: readonly string[];
}

/** Whether more is better: of rates, which their names tell. Of everything else, less is better. */
function isRate(metric: string): boolean {
  return metric.endsWith('PerSecond');
}

function verdictOf(
  absolute: Change,
  relative: Change | undefined,
  metric: string,
  peer: string,
): Direction | 'same' | 'unclear' | 'the machine' {
  const directions = [absolute, relative ?? absolute].map((change) =>
    isChange(change) ? change.factor > 1 : null,
  );
  const [rises, risesToo] = directions;
  if (rises !== risesToo) return 'unclear';
  if (rises === null || rises === undefined) return 'same';
  // A peer that is not ours has not changed: the machine has.
  if (relative === undefined) return roleOf(peer) === 'ours' ? 'unclear' : 'the machine';
  return rises === isRate(metric) ? 'better' : 'worse';
}

function hasMeasured(peer: PeerResult, metric: string): boolean {
  return peer.samples.length > 0 && peer.samples.every((sample) => sample[metric] !== undefined);
}

/** The peers that both results have measured. */
function inBoth(before: Result, after: Result, metric: string): Pair[] {
  return after.peers.flatMap((peer): Pair[] => {
    const old = before.peers.find(({ name }) => name === peer.name);
    return old && hasMeasured(old, metric) && hasMeasured(peer, metric) ? [[old, peer]] : [];
  });
}

type Pair = readonly [old: PeerResult, current: PeerResult];

/**
 * The peer to which a ratio shows a change without the state of the machine: the limit that the question
 * names, or else the only peer in C, or else the base that the question names. Never one that has measured
 * 0.
 */
function referenceOf(
  { columns }: Question,
  peer: string,
  pairs: readonly Pair[],
  metric: string,
): Pair | undefined {
  const isLimit = (name: string): boolean => roleOf(name) === 'limit';
  if (isLimit(peer)) return undefined;
  const named = columns.flatMap(({ baseOf }) => baseOf?.(peer) ?? []);
  const limits = pairs.map(([, { name }]) => name).filter(isLimit);
  const names = [...named.filter(isLimit), ...(limits.length === 1 ? limits : []), ...named];
  return names
    .filter((name) => name !== peer)
    .flatMap((name) => pairs.filter(([, current]) => current.name === name))
    .find((pair) => pair.every((one) => valuesOf(one, metric).every((value) => value > 0)));
}

type UncorrectedRow = Row & { readonly verdict: ReturnType<typeof verdictOf> };

function rowsOf(question: Question, before: Result, after: Result): UncorrectedRow[] {
  return question.columns.flatMap(({ title, metric }) => {
    if (metric === undefined) return [];
    const pairs = inBoth(before, after, metric);
    return pairs.map(([old, peer]): UncorrectedRow => {
      const absolute = changeOf(valuesOf(old, metric), valuesOf(peer, metric));
      const reference = referenceOf(question, peer.name, pairs, metric);
      const relative =
        reference &&
        changeOf(ratios(old, reference[0], metric), ratios(peer, reference[1], metric));
      return {
        subject: `${question.name}, ${after.title}: ${title}, ${peer.name}`,
        absolute,
        relative,
        verdict: verdictOf(absolute, relative, metric, peer.name),
      };
    });
  });
}

/**
 * Has `better` and `worse` be `maybe` where they may be chance: among many numbers some differ by chance,
 * and so do processes, unless every round had new ones.
 */
function correctedRows(rows: readonly UncorrectedRow[], apart: boolean): Row[] {
  const ps = corrected(
    rows.map(({ absolute, relative }) => Math.max(absolute.p, relative?.p ?? 0)),
  );
  return rows.map((row, index): Row => {
    const { verdict } = row;
    if (verdict !== 'better' && verdict !== 'worse') return row;
    return apart && (ps[index] ?? 1) < SIGNIFICANCE ? row : { ...row, verdict: `maybe ${verdict}` };
  });
}

/** How the two runs differ, apart from iomux. */
function differences(before: Machine, after: Machine): string[] {
  const old = new Map(conditionsOf(before));
  const differing = conditionsOf(after).flatMap(([name, value]) => {
    const was = old.get(name);
    return was === undefined || was === value ? [] : [`${name} ${was}, now ${value}`];
  });
  return differing.length === 0
    ? []
    : [`The runs were not made alike, and that may be the difference: ${differing.join('; ')}`];
}

function notesOf(before: Report, after: Report, rows: readonly Row[]): string[] {
  const notes = [
    `Old: ${before.date}, ${formatMachine(before.machine)}`,
    ...differences(before.machine, after.machine),
  ];
  if (rows.length === 0) return [...notes, 'Nothing was measured in both'];
  const same = rows.filter(({ verdict }) => verdict === 'same').length;
  const level = Math.min(...rows.map(({ absolute }) => absolute.level));
  return [
    ...notes,
    `${formatNumber(same)} of ${formatNumber(rows.length)} numbers differ by no more than their rounds do`,
    `Intervals: ${formatPercent(level)}; unclear is what has changed without its ratio to C, or to what Node has, or the other way round`,
    ...(rows.some(({ verdict }) => verdict.startsWith('maybe'))
      ? ['Maybe: among so many numbers some differ by chance. --rounds 10 in both runs tells']
      : []),
  ];
}

/** Compares two runs in all numbers that both have measured. */
export function compareReports(
  before: Report,
  after: Report,
  questions: readonly Question[],
): ReportComparison {
  const uncorrected = questions.flatMap((question) => {
    const [old, current] = [before, after].map(
      ({ answers }) => answers.find((answer) => answer.question === question.name)?.results ?? [],
    );
    return (current ?? []).flatMap((result) => {
      const same = old?.find(({ title }) => title === result.title);
      return same ? rowsOf(question, same, result) : [];
    });
  });
  const rows = correctedRows(uncorrected, before.apart === true && after.apart === true);
  return { rows, notes: notesOf(before, after, rows) };
}

function formatChange(change: Change | undefined): string[] {
  if (!change) return ['-', '-'];
  const [low, high] = [change.low, change.high].map((value) => formatNumber(value, 2));
  return [formatNumber(change.factor, 2), `${low ?? ''}-${high ?? ''}`];
}

export const CHANGE_HEAD = ['', 'new / old', 'interval', 'its ratio, new / old', 'interval', ''];

/** The rows that have changed, as cells. */
export function changeRows(rows: readonly Row[]): string[][] {
  return rows
    .filter(({ verdict }) => verdict !== 'same')
    .map(({ subject, absolute, relative, verdict }) => [
      subject,
      ...formatChange(absolute),
      ...formatChange(relative),
      verdict,
    ]);
}
