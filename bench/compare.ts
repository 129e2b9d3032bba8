import { changeOf, isChange, type Change } from './change';
import { ratios, valuesOf } from './harness';
import { formatMachine } from './machine';
import type { PeerResult, Question, Result } from './question';
import type { Report } from './report';
import { roleOf } from './role';
import { formatNumber, formatPercent } from './table';

/** A number of a peer in two runs. */
export interface Row {
  readonly subject: string;
  readonly absolute: Change;
  /** The same as a ratio to the limit, taken inside the rounds: the state of the machine falls out. */
  readonly relative: Change | undefined;
  /** Unclear is what has changed, or has changed in comparison with the limit, but not both. */
  readonly verdict: 'better' | 'worse' | 'same' | 'unclear' | 'the machine';
}

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

function verdictOf(changes: readonly Change[], metric: string, peer: string): Row['verdict'] {
  const directions = new Set(
    changes.map((change) => (isChange(change) ? change.factor > 1 : null)),
  );
  const [rises] = directions;
  if (directions.size > 1) return 'unclear';
  if (rises === null || rises === undefined) return 'same';
  // Nobody has changed the limit.
  if (roleOf(peer) === 'limit') return 'the machine';
  return rises === isRate(metric) ? 'better' : 'worse';
}

function hasMeasured(peer: PeerResult, metric: string): boolean {
  return peer.samples.length > 0 && peer.samples.every((sample) => sample[metric] !== undefined);
}

/** The peers of two results that were both measured, by their names. */
function inBoth(before: Result, after: Result, metric: string): [PeerResult, PeerResult][] {
  return after.peers.flatMap((peer): [PeerResult, PeerResult][] => {
    const old = before.peers.find(({ name }) => name === peer.name);
    return old && hasMeasured(old, metric) && hasMeasured(peer, metric) ? [[old, peer]] : [];
  });
}

function rowsOf(question: Question, before: Result, after: Result): Row[] {
  return question.columns.flatMap(({ title, metric }) => {
    if (metric === undefined) return [];
    const pairs = inBoth(before, after, metric);
    const limits = pairs.find(([, { name }]) => roleOf(name) === 'limit');
    return pairs.map(([old, peer]): Row => {
      const absolute = changeOf(valuesOf(old, metric), valuesOf(peer, metric));
      const relative =
        limits && roleOf(peer.name) !== 'limit'
          ? changeOf(ratios(old, limits[0], metric), ratios(peer, limits[1], metric))
          : undefined;
      return {
        subject: `${question.name}, ${after.title}: ${title}, ${peer.name}`,
        absolute,
        relative,
        verdict: verdictOf([absolute, relative ?? []].flat(), metric, peer.name),
      };
    });
  });
}

function notesOf(before: Report, rows: readonly Row[]): string[] {
  const same = rows.filter(({ verdict }) => verdict === 'same').length;
  const levels = rows.map(({ absolute }) => absolute.level);
  return [
    `Old: ${before.date}, ${formatMachine(before.machine)}`,
    `${formatNumber(same)} of ${formatNumber(rows.length)} numbers differ by no more than their rounds do`,
    ...(levels.length === 0
      ? []
      : [
          `Intervals: ${formatPercent(Math.min(...levels))}; unclear is what has changed without its ratio to the limit, or the other way round`,
        ]),
  ];
}

/** What has changed from one run to another, for whatever both have measured. */
export function compareReports(
  before: Report,
  after: Report,
  questions: readonly Question[],
): ReportComparison {
  const rows = questions.flatMap((question) => {
    const [old, current] = [before, after].map(
      ({ answers }) => answers.find((answer) => answer.question === question.name)?.results ?? [],
    );
    return (current ?? []).flatMap((result) => {
      const same = old?.find(({ title }) => title === result.title);
      return same ? rowsOf(question, same, result) : [];
    });
  });
  return { rows, notes: notesOf(before, rows) };
}

function formatChange(change: Change | undefined): string[] {
  if (!change) return ['-', '-'];
  const [low, high] = [change.low, change.high].map((value) => formatNumber(value, 2));
  return [formatNumber(change.factor, 2), `${low ?? ''}-${high ?? ''}`];
}

export const CHANGE_HEAD = ['', 'new / old', 'interval', 'x limit, new / old', 'interval', ''];

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
