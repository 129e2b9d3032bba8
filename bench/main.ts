import { constants } from 'node:os';
import { inspect } from 'node:util';

import { accept } from './accept';
import { bulk } from './bulk';
import { chooseCores, claimCores } from './cores';
import { dispatch } from './dispatch';
import { CHANGE_HEAD, changeRows, compareReports, type ReportComparison } from './compare';
import { fairness } from './fairness';
import { compare, runsOf, type Rounds } from './harness';
import type { Answered } from './html/elements';
import { answeredIn, writeDrawings } from './html/write';
import { http } from './http';
import { idle } from './idle';
import { latency } from './latency';
import { describeMachine, formatMachine, versionsOf } from './machine';
import { leavePacedNetwork } from './own-network';
import { parseOptions, usage, UsageError, type Options } from './options';
import { installPeerPackages, PEER_PACKAGES } from './peer-packages';
import { Progress } from './progress';
import type { Context, Question, Result } from './question';
import { proxy } from './proxy';
import { prepareFolder, readReport, writeReport, type Answer, type Report } from './report';
import {
  counterRows,
  countersTitle,
  formatList,
  formatResult,
  formatTable,
  notesOf,
} from './table';
import { ring } from './ring';
import { startup } from './startup';
import { tcpEcho } from './tcp-echo';
import { timers } from './timers';
import { udp } from './udp';
import { unixDgram } from './unix-dgram';
import { unixEcho } from './unix-echo';
import { summary, unmeasuredLines, VERDICT_HEAD, verdictNotes, verdictRows } from './verdict';

const QUESTIONS: readonly Question[] = [
  dispatch,
  ring,
  tcpEcho,
  unixEcho,
  latency,
  fairness,
  timers,
  bulk,
  proxy,
  accept,
  idle,
  udp,
  unixDgram,
  http,
  startup,
];
/** A quick run makes fewer: it is for trying out a change again and again. */
const ROUNDS = { quick: 3, normal: 5, full: 5 } as const;
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Aborted with the name of the signal by which the user interrupted the run. */
const interruption = new AbortController();

async function ask(
  question: Question,
  context: Context,
  rounds: Rounds,
  progress: Progress,
): Promise<Answer> {
  const { name, asks, columns, marks = [] } = question;
  process.stdout.write(`\n${name}: ${asks}\n`);
  const results: Result[] = [];
  for (const comparison of question.comparisons(context)) {
    const result = await compare(comparison, rounds, (peer, run) => {
      progress.advance(`${name}, ${comparison.title}`, `${run}, ${peer.name}`);
    });
    progress.clear();
    process.stdout.write(`\n${formatResult(result, columns, marks)}\n`);
    const counted = counterRows(question, result);
    if (counted.length > 0) {
      process.stdout.write(` ${countersTitle(question)}\n${formatTable(counted)}\n`);
    }
    results.push(result);
  }
  for (const note of notesOf(question, results)) process.stdout.write(`${note}\n`);
  return { question: name, results };
}

async function measure(options: Options, signal: AbortSignal): Promise<Report> {
  const { extent, node, installs } = options;
  const rounds = {
    rounds: options.rounds ?? ROUNDS[extent],
    apart: options.rounds !== undefined,
    counted: extent !== 'quick',
  };
  const versions = await versionsOf(node, signal);
  const cores = chooseCores();
  const bare: Context = { extent, node, peerPackages: undefined, cores, signal };
  const isAsked = (one: Question): boolean => one.comparisons(bare).length > 0;
  const questions = options.questions.filter(isAsked);
  const unasked = options.questions.filter((one) => !isAsked(one)).map(({ name }) => name);
  const notAsked = `A ${extent} run does not ask ${unasked.join(', ')}`;
  if (questions.length === 0) throw new UsageError(notAsked);
  await claimCores(cores);
  const peerPackages = installs
    ? await installPeerPackages(node, versions.node, signal)
    : undefined;
  // Only now: installing packages takes the network of the machine.
  leavePacedNetwork();
  const machine = await describeMachine(versions, cores);
  const context: Context = { ...bare, peerPackages };
  process.stdout.write(`${formatMachine(machine)}\n`);
  if (unasked.length > 0) write(notAsked);

  const comparisons = questions.flatMap((question) => question.comparisons(context));
  const runs = comparisons.reduce((sum, comparison) => sum + runsOf(comparison, rounds), 0);
  const progress = new Progress(runs);
  // Their targets are listed as not measured.
  const answers: Answer[] = unasked.map((question) => ({ question, results: [] }));
  for (const question of questions) {
    answers.push(await ask(question, context, rounds, progress));
  }

  return {
    date: new Date().toISOString(),
    extent,
    ...rounds,
    machine,
    ...(installs ? { peerPackages: PEER_PACKAGES } : {}),
    answers,
  };
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints the verdicts on the targets and, if asked for, what has changed since another run. */
function conclude(answered: readonly Answered[], comparison: ReportComparison | undefined): void {
  const rows = answered.flatMap(({ question, verdicts }) => verdictRows(question, verdicts));
  const verdicts = answered.flatMap((one) => one.verdicts);
  const missing = answered.flatMap((one) => one.missing);
  write(`\nTargets: ${summary(verdicts, missing)}`);
  write(formatList([VERDICT_HEAD, ...rows]));
  for (const note of verdictNotes(verdicts)) write(note);
  if (missing.length > 0) write('Not measured in this run:');
  for (const one of answered) {
    for (const line of unmeasuredLines(one.question, one.missing)) write(`  ${line}`);
  }
  if (!comparison) return;
  write('\nWhat has changed');
  write(formatList([CHANGE_HEAD, ...changeRows(comparison.rows)]));
  for (const note of comparison.notes) write(note);
}

/** Reports an error that does not end the run. */
function complain(text: string): void {
  process.stderr.write(`\n${text}\n`);
  process.exitCode = 1;
}

async function run(options: Options, signal: AbortSignal): Promise<void> {
  const { plot, compare: oldPath, json, questions } = options;
  const old = oldPath === undefined ? undefined : await readReport(oldPath);
  if (plot === undefined) await prepareFolder(json);
  const report = plot === undefined ? await measure(options, signal) : await readReport(plot);
  const { path, failures } =
    plot === undefined ? await writeReport(report, json) : { path: plot, failures: [] };
  const answered = answeredIn(report, questions);
  const comparison = old && compareReports(old, report, questions);
  conclude(answered, comparison);
  for (const failure of failures) complain(`The results were not written: ${failure}`);
  if (path === undefined) return;
  write(`\nEvery sample: ${path}`);
  try {
    const drawings = await writeDrawings(report, answered, comparison, path);
    write(`Report with plots: ${drawings.join(', ')}`);
  } catch (error) {
    complain(`The plots were not written: ${(error as Error).message}`);
  }
}

async function main(): Promise<void> {
  // The reader of the output has gone, or its disk is full: the results still go to their file.
  process.stdout.once('error', (error: Error) => {
    process.stdout.on('error', () => undefined);
    complain(`The output goes no further: ${error.message}`);
  });
  process.stderr.on('error', () => undefined);
  const options = parseOptions(process.argv.slice(2), QUESTIONS);
  if (options.help) {
    process.stdout.write(usage(QUESTIONS));
    return;
  }
  if (options.plot === undefined && process.platform !== 'linux') {
    throw new UsageError('The benchmarks need Linux: bench/native has no kqueue variant yet');
  }
  // Once: a second signal ends the program even if a child process does not end.
  for (const name of ENDING_SIGNALS) process.once(name, () => interruption.abort(name));
  await run(options, interruption.signal);
  // Interrupted while the results were being written.
  interruption.signal.throwIfAborted();
}

function isUsageError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code = '' } = error as NodeJS.ErrnoException;
  return error instanceof UsageError || code.startsWith('ERR_PARSE_ARGS');
}

function fail(text: string, exitCode: number): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = exitCode;
}

main().catch((error: unknown) => {
  const signal = interruption.signal.reason as (typeof ENDING_SIGNALS)[number] | undefined;
  // An interruption kills the measured processes; what fails because of that is not the cause.
  if (signal !== undefined) {
    // As shells report a program that this signal ended.
    fail(`\nInterrupted by ${signal}`, 128 + constants.signals[signal]);
  } else if (isUsageError(error)) {
    fail(`${error.message}\nThe options: npm run bench -- --help`, 1);
  } else fail(`\n${inspect(error)}`, 1);
});
