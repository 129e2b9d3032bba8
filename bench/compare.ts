import { changeOf, corrected, isChange, type Change } from './change';
import { ratios, valuesOf } from './harness';
import { conditionsOf, formatMachine, type Machine } from './machine';
import type { PeerResult, Question, Result } from './question';
import type { Report } from './report';
import { roleOf } from './role';
import { formatNumber, formatPercent } from './table';

/** A number of a peer in two runs. */
export interface Row {
  readonly subject: string;
  readonly absolute: Change;
  /**
   * The same as a ratio to what we have not changed, taken inside the rounds: the state of the machine
   * falls out.
   */
  readonly relative: Change | undefined;
  /** Unclear is what has changed, or has changed in that ratio, but not both. */
  readonly verdict: Direction | `maybe ${Direction}` | 'same' | 'unclear' | 'the machine';
}

type Direction = 'better' | 'worse';

/** How often what is said to be sure may be chance, in all rows together. */
const SURE = 0.05;

/** All numbers that two runs have both measured. */
export interface ReportComparison {
  readonly rows: readonly Row[];
  /** What is compared with what, and how much of it has not changed. */
  readonly notes: readonly string[];
}

/** A rate is named so, and more of it is better; of everything else less is. */
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
  // Of the others nobody has changed anything.
  if (relative === undefined) return roleOf(peer) === 'ours' ? 'unclear' : 'the machine';
  return rises === isRate(metric) ? 'better' : 'worse';
}

function hasMeasured(peer: PeerResult, metric: string): boolean {
  return peer.samples.length > 0 && peer.samples.every((sample) => sample[metric] !== undefined);
}

/** The peers of two results that were both measured, by their names. */
function inBoth(before: Result, after: Result, metric: string): Pair[] {
  return after.peers.flatMap((peer): Pair[] => {
    const old = before.peers.find(({ name }) => name === peer.name);
    return old && hasMeasured(old, metric) && hasMeasured(peer, metric) ? [[old, peer]] : [];
  });
}

type Pair = readonly [old: PeerResult, current: PeerResult];

/**
 * What a peer is compared with, so that the state of the machine falls out: what its question calls
 * the limit, or the only one in C, or else what Node has. Nothing is a multiple of 0.
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
 * Many numbers were looked at, and some differ by chance. What is left is only sure where every round
 * had processes of its own: a process too is fast or slow by chance.
 */
function correctedRows(rows: readonly UncorrectedRow[], apart: boolean): Row[] {
  const ps = corrected(
    rows.map(({ absolute, relative }) => Math.max(absolute.p, relative?.p ?? 0)),
  );
  return rows.map((row, index): Row => {
    const { verdict } = row;
    if (verdict !== 'better' && verdict !== 'worse') return row;
    return apart && (ps[index] ?? 1) < SURE ? row : { ...row, verdict: `maybe ${verdict}` };
  });
}

/** In what the two runs differ, besides iomux. */
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

/** What has changed from one run to another, for whatever both have measured. */
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
