import { accessSync, constants as access } from 'node:fs';
import { constants } from 'node:os';
import { inspect, parseArgs } from 'node:util';

import { chooseCores } from './cores';
import { dispatch } from './dispatch';
import { compare, judge, runsOf } from './harness';
import { describeMachine, formatMachine } from './machine';
import { installPeerPackages } from './peer-packages';
import { Progress } from './progress';
import type { Context, Question, Result } from './question';
import { proxy } from './proxy';
import { defaultPath, formatVerdict, writeReport, type Answer, type Report } from './report';
import { formatResult } from './table';
import { tcpEcho } from './tcp-echo';
import { udp } from './udp';
import { unixDgram } from './unix-dgram';
import { unixEcho } from './unix-echo';

const QUESTIONS: readonly Question[] = [dispatch, tcpEcho, unixEcho, proxy, udp, unixDgram];
/** A quick run makes fewer, since it is for whoever changes something and looks again. */
const ROUNDS = { quick: 3, normal: 5, full: 5 } as const;
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const USAGE = `usage: npm run bench -- [options]
  --quick        the most telling comparisons only, in about a minute
  --full         every size with every number of connections, in about ten minutes
  --only NAME    one question; may be repeated: ${QUESTIONS.map(({ name }) => name).join(', ')}
  --node PATH    measure another Node
  --peers all    install the peers that come from npm, into a cache, and measure them too
  --json FILE    where to write the results; default: a new file in bench/results
  --help         this text
`;

/** A mistake of the user, who needs no stack. */
class UsageError extends Error {}

/** The user gave up. */
class Interruption extends Error {
  /** What a shell makes of a program that a signal ended. */
  readonly exitCode: number;

  constructor(signal: keyof typeof constants.signals) {
    super(`Interrupted by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

interface Options {
  extent: Context['extent'];
  questions: readonly Question[];
  node: string;
  /** Whether peers are installed that are not there. */
  installs: boolean;
  json: string | undefined;
  help: boolean;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, access.X_OK);
    return true;
  } catch {
    return false;
  }
}

function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      node: { type: 'string', default: process.execPath },
      peers: { type: 'string', default: 'own' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick, full, only, node, peers, json, help } = values;
  if (quick && full) throw new UsageError('--quick and --full exclude each other');
  if (peers !== 'own' && peers !== 'all') throw new UsageError(`There are no peers '${peers}'`);
  const extent = quick ? 'quick' : full ? 'full' : 'normal';
  const questions = only.map((name) => {
    const found = QUESTIONS.find((question) => question.name === name);
    if (!found) throw new UsageError(`There is no question '${name}'`);
    return found;
  });
  if (!isExecutable(node)) throw new UsageError(`--node: '${node}' is not a program`);
  return {
    extent,
    questions: questions.length > 0 ? questions : QUESTIONS,
    node,
    installs: peers === 'all',
    json,
    help,
  };
}

async function ask(
  question: Question,
  context: Context,
  nodeMajor: number,
  progress: Progress,
): Promise<Answer> {
  const { name, asks, columns, marks = [] } = question;
  process.stdout.write(`\n${name}: ${asks}\n`);
  const results: Result[] = [];
  for (const comparison of question.comparisons(context)) {
    const result = await compare(comparison, ROUNDS[context.extent], (peer, run) => {
      progress.advance(`${name}, ${comparison.title}`, `${run}, ${peer.name}`);
    });
    progress.clear();
    process.stdout.write(`\n${formatResult(result, columns, marks)}\n`);
    results.push(result);
  }
  const notes = marks
    .filter((mark) =>
      results.some((result) => result.peers.some((peer) => mark.applies(peer, result))),
    )
    .map(({ sign, meaning }) => `${sign} ${meaning}`);
  for (const note of [...notes, ...(question.notes?.() ?? [])]) process.stdout.write(`${note}\n`);
  return { question: name, results, verdicts: judge(question.targets(nodeMajor), results) };
}

async function measure(options: Options, signal: AbortSignal): Promise<void> {
  const { extent, questions, node, installs } = options;
  const rounds = ROUNDS[extent];
  const machine = await describeMachine(node, signal);
  const { versions } = machine;
  const peerPackages = installs
    ? await installPeerPackages(node, versions.node, signal)
    : undefined;
  const context: Context = { extent, node, peerPackages, cores: chooseCores(), signal };
  process.stdout.write(`${formatMachine(machine)}\n`);

  const comparisons = questions.flatMap((question) => question.comparisons(context));
  const runs = comparisons.reduce((sum, comparison) => sum + runsOf(comparison, rounds), 0);
  const progress = new Progress(runs);
  const answers: Answer[] = [];
  const nodeMajor = parseInt(versions.node, 10);
  for (const question of questions) {
    answers.push(await ask(question, context, nodeMajor, progress));
  }

  const report: Report = {
    date: new Date().toISOString(),
    extent,
    rounds,
    machine,
    answers,
  };
  const path = options.json ?? defaultPath(report);
  await writeReport(report, path);
  process.stdout.write('\nTargets: the median of the ratios, and their range over the rounds\n');
  for (const verdict of answers.flatMap(({ verdicts }) => verdicts)) {
    process.stdout.write(`${formatVerdict(verdict)}\n`);
  }
  process.stdout.write(`\nEvery sample: ${path}\n`);
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }
  if (process.platform !== 'linux') {
    throw new UsageError('The benchmarks need Linux: bench/native has no kqueue variant yet');
  }
  const controller = new AbortController();
  const interrupt = (signal: (typeof ENDING_SIGNALS)[number]): void => {
    controller.abort(new Interruption(signal));
  };
  // Once: the second one ends the program even if a child should not.
  for (const name of ENDING_SIGNALS) process.once(name, interrupt);
  try {
    await measure(options, controller.signal);
  } catch (error) {
    // Whatever failed since, failed because its processes were killed.
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    for (const name of ENDING_SIGNALS) process.off(name, interrupt);
  }
}

function isUsageError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code = '' } = error as NodeJS.ErrnoException;
  return error instanceof UsageError || code.startsWith('ERR_PARSE_ARGS');
}

function describe(error: unknown): string {
  if (isUsageError(error)) return `${error.message}\n\n${USAGE}`;
  return error instanceof Interruption ? `\n${error.message}\n` : `\n${inspect(error)}\n`;
}

main().catch((error: unknown) => {
  process.stderr.write(describe(error));
  process.exitCode = error instanceof Interruption ? error.exitCode : 1;
});
