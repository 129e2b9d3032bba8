import { medianOf, peerOf, ratios, valuesOf } from './harness';
import type { Column, Mark, PeerResult, Question, Result } from './question';
import { median, spread } from './statistics';

/** Aligns cells in columns: the first to the left, the numbers to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  const align = (cell: string, column: number): string => {
    const width = widths[column] ?? 0;
    return column === 0 ? cell.padEnd(width) : cell.padStart(width);
  };
  return rows.map((row) => `  ${row.map(align).join('  ')}`.trimEnd()).join('\n');
}

/** A table in which the last column is printed first, and the first one, which is long, last. */
export function formatList(rows: readonly (readonly string[])[]): string {
  const numbers = rows.map((row) => [row.at(-1) ?? '', ...row.slice(1, -1)]);
  const lines = formatTable(numbers).split('\n');
  return lines.map((line, index) => `${line}  ${rows[index]?.[0] ?? ''}`.trimEnd()).join('\n');
}

/** The header and a row for each peer, as cells. */
export function rowsOf(
  result: Result,
  columns: readonly Column[],
  marks: readonly Mark[] = [],
): string[][] {
  const nameOf = (peer: PeerResult): string =>
    [peer.name, ...marks.filter((mark) => mark.applies(peer, result)).map(({ sign }) => sign)].join(
      ' ',
    );
  const header = ['', ...columns.map(({ title }) => title)];
  const rows = result.peers.map((peer) => [
    nameOf(peer),
    ...columns.map((column) => column.cell(peer, result)),
  ]);
  return [header, ...rows];
}

/** The table of one comparison, without the notes to its marks. */
export function formatResult(
  result: Result,
  columns: readonly Column[],
  marks?: readonly Mark[],
): string {
  return `${result.title}\n${formatTable(rowsOf(result, columns, marks))}`;
}

/** The table of exact costs, with its header; empty if none was counted. */
export function counterRows({ counters }: Question, result: Result): string[][] {
  const peers = result.peers.filter(({ counts }) => counts !== undefined);
  const columns = (counters?.columns ?? []).filter((column) =>
    peers.some((peer) => column.cell(peer, result) !== NOT_COUNTED),
  );
  return columns.length > 0 ? rowsOf({ ...result, peers }, columns) : [];
}

/** The title of that table. */
export function countersTitle({ counters }: Question): string {
  return `counted for each ${counters?.operation ?? 'operation'}`;
}

/** The lines below the tables of a question: the meanings of the marks that apply, and its notes. */
export function notesOf(question: Question, results: readonly Result[]): string[] {
  const { marks = [] } = question;
  const applying = marks.filter((mark) =>
    results.some((result) => result.peers.some((peer) => mark.applies(peer, result))),
  );
  return [
    ...applying.map(({ sign, meaning }) => `${sign} ${meaning}`),
    ...(question.notes?.() ?? []),
  ];
}

/** Rounds to so many digits after the point, and groups thousands. */
export function formatNumber(value: number, digits = 0): string {
  return value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** A count and its noun, which takes an s unless there is one. */
export function formatCount(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A fraction, as a percentage. */
export function formatPercent(share: number): string {
  return `${formatNumber(share * 100)} %`;
}

/** The median of a metric. */
export function medianColumn(title: string, metric: string, digits = 0): Column {
  return { title, metric, cell: (peer) => formatNumber(medianOf(peer, metric), digits) };
}

/** The spread of the rounds of a metric. */
export function spreadColumn(metric: string): Column {
  return { title: 'spread', cell: (peer) => `±${formatPercent(spread(valuesOf(peer, metric)))}` };
}

/** The ratio of a metric to that of another peer, taken inside the rounds; `-` without that peer. */
export function ratioColumn(
  title: string,
  metric: string,
  baseOf: (peer: string) => string,
): Column {
  return {
    title,
    baseOf,
    cell: (peer, result) => {
      const base = peerOf(result, baseOf(peer.name));
      return base ? formatNumber(median(ratios(peer, base, metric)), 2) : '-';
    },
  };
}

/** The columns of what a question compares first: its median and spread, and its ratios to other peers. */
export function comparedColumns(
  title: string,
  metric: string,
  { base, limit, digits = 0 }: { base: string; limit?: string; digits?: number },
): Column[] {
  return [
    medianColumn(title, metric, digits),
    spreadColumn(metric),
    ratioColumn(`x ${base}`, metric, () => base),
    ...(limit === undefined ? [] : [ratioColumn('x C', metric, () => limit)]),
  ];
}

/** A share of a core. */
export function shareColumn(title: string, metric: string): Column {
  return { title, cell: (peer) => formatPercent(medianOf(peer, metric)) };
}

const NOT_COUNTED = '-';

/** An exact cost; `-` if it was not counted. */
export function countColumn(title: string, metric: string, digits: number): Column {
  return {
    title,
    cell: (peer) => {
      const count = peer.counts?.[metric];
      return count === undefined ? NOT_COUNTED : formatNumber(count, digits);
    },
  };
}
