import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Machine } from './machine';
import { UsageError } from './options';
import type { Context, Result } from './question';

/** A question and what came out. */
export interface Answer {
  readonly question: string;
  readonly results: readonly Result[];
}

/** Everything that a run found out: what is written to the disk. */
export interface Report {
  readonly date: string;
  readonly extent: Context['extent'];
  readonly rounds: number;
  /** Whether every round had processes of its own. */
  readonly apart?: boolean;
  readonly machine: Machine;
  /** What was installed to be compared with. */
  readonly peerPackages?: readonly string[];
  readonly answers: readonly Answer[];
}

/** Where a report goes unless the command line says otherwise. */
export function defaultPath(report: Report): string {
  const time = report.date.slice(0, 19).replaceAll(':', '-');
  return join(__dirname, '../results', `${time}-node-${report.machine.versions.node}.json`);
}

/** @throws UsageError unless the file has the results of a run */
export async function readReport(path: string): Promise<Report> {
  try {
    const report = JSON.parse(await readFile(path, 'utf8')) as Partial<Report>;
    if (Array.isArray(report.answers)) return report as Report;
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message}`);
  }
  throw new UsageError(`${path} has no results of this program`);
}

/** Writes a report as JSON, and makes the folder if needed. */
export async function writeReport(report: Report, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
}
