import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Verdict } from './harness';
import type { Machine } from './machine';
import type { Context, Result } from './question';
import { formatNumber } from './table';

/** A question and what came out. */
export interface Answer {
  readonly question: string;
  readonly results: readonly Result[];
  readonly verdicts: readonly Verdict[];
}

/** Everything that a run found out: what is written to the disk. */
export interface Report {
  readonly date: string;
  readonly extent: Context['extent'];
  readonly rounds: number;
  readonly machine: Machine;
  readonly answers: readonly Answer[];
}

/** Where a report goes unless the command line says otherwise. */
export function defaultPath(report: Report): string {
  const time = report.date.slice(0, 19).replaceAll(':', '-');
  return join(__dirname, '../results', `${time}-node-${report.machine.versions.node}.json`);
}

/** Writes a report as JSON, and makes the folder if needed. */
export async function writeReport(report: Report, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
}

/** One line: whether the target was met, by what ratio, and between which the rounds were. */
export function formatVerdict({ comparison, target, ratios, ratio, met }: Verdict): string {
  const bounds = [
    ...(target.atLeast === undefined ? [] : [`at least ${formatNumber(target.atLeast, 2)}`]),
    ...(target.atMost === undefined ? [] : [`at most ${formatNumber(target.atMost, 2)}`]),
  ].join(', ');
  const range = [Math.min(...ratios), Math.max(...ratios)].map((value) => formatNumber(value, 2));
  return (
    `${met ? 'met   ' : 'MISSED'}  ${formatNumber(ratio, 3)} (${range.join('-')}), ${bounds}: ` +
    `${comparison}, ${target.metric}, ${target.peer} / ${target.base}`
  );
}
