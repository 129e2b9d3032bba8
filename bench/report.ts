import { access, constants, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import type { Machine } from './machine';
import { UsageError } from './options';
import type { Context, Result } from './question';

/** The results of one question. */
export interface Answer {
  readonly question: string;
  readonly results: readonly Result[];
}

/** The results of a whole run, as they are written to the disk. */
export interface Report {
  readonly date: string;
  readonly extent: Context['extent'];
  readonly rounds: number;
  /** Whether every round started new processes. */
  readonly apart?: boolean;
  readonly machine: Machine;
  /** The peers from npm, with their versions. */
  readonly peerPackages?: readonly string[];
  readonly answers: readonly Answer[];
}

const RESULTS = join(__dirname, '../results');

/** Where a report is written unless the command line says otherwise. */
export function defaultPath(report: Report): string {
  const time = report.date.slice(0, 19).replaceAll(':', '-');
  return join(RESULTS, `${time}-node-${report.machine.versions.node}.json`);
}

/**
 * Creates the folder of a report, which its plots go to as well; without a path, the default one.
 *
 * @throws UsageError if the report could not be written there
 */
export async function prepareFolder(path = join(RESULTS, 'report')): Promise<void> {
  try {
    if (path === '') throw new Error('a file has to be named');
    const folder = dirname(path);
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    const existing = await stat(path).catch(() => undefined);
    if (existing?.isDirectory() === true) throw new Error(`'${path}' is a folder`);
    if (existing) await access(path, constants.W_OK);
  } catch (error) {
    throw new UsageError(`The results could not be written: ${(error as Error).message}`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function areAll(values: unknown, isOne: (value: Readonly<Record<string, unknown>>) => boolean) {
  return Array.isArray(values) && values.every((value) => isObject(value) && isOne(value));
}

function isReport(value: unknown): value is Report {
  if (!isObject(value) || !isObject(value['machine'])) return false;
  const { date, machine, answers } = value;
  return (
    typeof date === 'string' &&
    isObject(machine['versions']) &&
    typeof machine['versions']['node'] === 'string' &&
    areAll(answers, ({ question, results }) => {
      const isResult = ({ parameters, peers }: Readonly<Record<string, unknown>>) =>
        isObject(parameters) && areAll(peers, ({ samples }) => areAll(samples, () => true));
      return typeof question === 'string' && areAll(results, isResult);
    })
  );
}

/** @throws UsageError unless the file has the results of a run */
export async function readReport(path: string): Promise<Report> {
  try {
    const report: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (isReport(report)) return report;
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message}`);
  }
  throw new UsageError(`${path} has no results of this program`);
}

/**
 * Writes a report as JSON to its path or, if that fails, to the folder for temporary files, so that it is
 * not lost. Returns where it was written, and what failed.
 */
export async function writeReport(
  report: Report,
  path = defaultPath(report),
): Promise<{ readonly path: string | undefined; readonly failures: readonly string[] }> {
  const text = `${JSON.stringify(report, null, 2)}\n`;
  const failures: string[] = [];
  for (const candidate of [path, join(tmpdir(), basename(defaultPath(report)))]) {
    try {
      await writeFile(candidate, text);
      return { path: candidate, failures };
    } catch (error) {
      failures.push(`${candidate}: ${(error as Error).message}`);
    }
  }
  return { path: undefined, failures };
}
