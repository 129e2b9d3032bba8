// Runs the suite on every runtime, on each of its drivers: `npm run test:matrix`. With arguments, only on
// runtimes whose name contains one of them: `npm run test:matrix -- bun arm64`. The last line has the totals;
// it is a failure if nothing was run.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { runtimes } from './runtimes.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
/** Milliseconds after which a run is considered to hang. */
const MOST_TIME = 1_200_000;
const COLUMNS = ['runtime', 'driver', 'passed', 'failed', 'skipped', 'seconds'];

const deviations = JSON.parse(readFileSync(join(import.meta.dirname, 'deviations.json'), 'utf8'));
const reports = mkdtempSync(join(tmpdir(), 'iomux-matrix-'));
process.on('exit', () => rmSync(reports, { recursive: true, force: true }));

/** The numbers in the report of vitest. A run may also fail without a failed test: by a crash, for example. */
function numbersOf(report, status, listed) {
  let found;
  try {
    found = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    console.log(`FAILED: exit status ${status}, without a report`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const names = found.testResults
    .flatMap((file) => file.assertionResults)
    .map(({ ancestorTitles, title }) => [...ancestorTitles, title].join(' > '));
  const stale = listed.filter((name) => !names.includes(name));
  for (const name of stale) console.log(`FAILED: deviations.json: there is no test "${name}"`);
  const failed = found.numFailedTests + stale.length;
  const isCrash = failed === 0 && (status !== 0 || found.numPassedTests === 0);
  if (isCrash) console.log(`FAILED: exit status ${status}, though no test failed`);
  return {
    passed: found.numPassedTests,
    failed: isCrash ? 1 : failed,
    skipped: found.numPendingTests + found.numTodoTests,
  };
}

function run(runtime, driver) {
  const title = `${runtime.name}, ${driver}`;
  console.log(`\n== ${title}`);
  const { command, before = [], env = {}, args } = runtime.prepare(driver);
  const report = join(reports, `${title}.json`);
  const start = performance.now();
  const { status } = spawnSync(
    command,
    [
      ...[...before, 'node_modules/vitest/vitest.mjs', 'run', ...args],
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    ],
    { cwd: ROOT, env: { ...process.env, ...env }, stdio: 'inherit', timeout: MOST_TIME },
  );
  const seconds = Math.round((performance.now() - start) / 1000);
  const listed = Object.values(deviations[runtime.id]?.tests ?? {}).flat();
  return { runtime: runtime.name, driver, ...numbersOf(report, status, listed), seconds };
}

const wanted = process.argv.slice(2).map((part) => part.toLowerCase());
for (const part of wanted) {
  if (runtimes.some(({ name }) => name.toLowerCase().includes(part))) continue;
  console.log(`no runtime is called "${part}": ${runtimes.map(({ name }) => name).join(', ')}`);
  process.exit(1);
}
const rows = [];
const notRun = [];
for (const runtime of runtimes) {
  if (wanted.length > 0 && !wanted.some((part) => runtime.name.toLowerCase().includes(part))) {
    continue;
  }
  const missing = runtime.missing?.();
  if (missing !== undefined) {
    notRun.push(`${runtime.name}: ${missing}`);
    continue;
  }
  for (const driver of runtime.drivers) {
    rows.push(run(runtime, driver));
  }
  const { files = {}, drivers } = deviations[runtime.id] ?? {};
  for (const [reason, list] of Object.entries({ ...drivers, ...files })) {
    notRun.push(`${runtime.name}: ${[list].flat().join(', ')}: ${reason}`);
  }
}

const table = [COLUMNS, ...rows.map((row) => COLUMNS.map((column) => String(row[column])))];
const widths = COLUMNS.map((_, i) => Math.max(...table.map((line) => line[i].length)));
console.log('\n== the matrix');
for (const line of table) {
  console.log(
    line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
  );
}
for (const what of notRun) console.log(`not run: ${what}`);
const sum = (column) => rows.reduce((total, row) => total + row[column], 0);
process.exitCode = sum('failed') > 0 || rows.length === 0 ? 1 : 0;
console.log(rows.length === 0 ? 'NOTHING WAS RUN' : `ok ${sum('passed')} failed ${sum('failed')}`);
