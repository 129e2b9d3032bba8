import { accessSync, constants as access, statSync } from 'node:fs';
import { parseArgs } from 'node:util';

import type { Context, Question } from './question';

/** A mistake of the user, reported without a stack trace. */
export class UsageError extends Error {}

/** What the command line asks for. */
export interface Options {
  readonly extent: Context['extent'];
  readonly questions: readonly Question[];
  readonly node: string;
  /** The number of rounds, if given; each round then starts new processes. */
  readonly rounds: number | undefined;
  /** Whether to install the peers that come from npm. */
  readonly installs: boolean;
  /** Path of the results to draw instead of measuring. */
  readonly plot: string | undefined;
  /** Path of the results to compare with. */
  readonly compare: string | undefined;
  readonly json: string | undefined;
  readonly help: boolean;
}

export function usage(questions: readonly Question[]): string {
  return `usage: npm run bench -- [options]
  --quick          the most telling comparisons only, without counting, in a minute
  --full           every size with every number of connections, in about a quarter of an hour
  --only NAME      one question; may be repeated: ${questions.map(({ name }) => name).join(', ')}
  --rounds NUMBER  so many rounds, each with new processes: to be sure of what --compare finds
  --node PATH      measure another Node
  --peers all      install the peers that come from npm, into a cache, and measure them too
  --compare FILE   what has changed since the results in FILE
  --plot FILE      draw the results in FILE, and measure nothing
  --json FILE      where to write the results; default: a new file in bench/results
  --help           this text
`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, access.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function parseRounds(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds > 0) return rounds;
  throw new UsageError(`--rounds: '${text}' is not a number of rounds`);
}

/** Options that make no sense with --plot, which measures nothing. */
const MEASURING = ['quick', 'full', 'rounds', 'node', 'peers', 'json'] as const;

/** @throws UsageError, or what `parseArgs` throws */
export function parseOptions(args: string[], all: readonly Question[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean' },
      full: { type: 'boolean' },
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      node: { type: 'string' },
      peers: { type: 'string' },
      compare: { type: 'string' },
      plot: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick = false, full = false, only, rounds, compare, plot, json, help } = values;
  const { node = process.execPath, peers = 'own' } = values;
  const conflicting = MEASURING.filter((name) => plot !== undefined && values[name] !== undefined);
  if (conflicting.length > 0) {
    throw new UsageError(
      `--plot measures nothing: it does not go with --${conflicting.join(', --')}`,
    );
  }
  if (quick && full) throw new UsageError('--quick and --full exclude each other');
  if (peers !== 'own' && peers !== 'all') throw new UsageError(`There are no peers '${peers}'`);
  const extent = quick ? 'quick' : full ? 'full' : 'normal';
  const questions = [...new Set(only)].map((name) => {
    const found = all.find((question) => question.name === name);
    if (!found) throw new UsageError(`There is no question '${name}'`);
    return found;
  });
  if (!isExecutable(node)) throw new UsageError(`--node: '${node}' is not a program`);
  return {
    extent,
    questions: questions.length > 0 ? questions : all,
    node,
    rounds: rounds === undefined ? undefined : parseRounds(rounds),
    installs: peers === 'all',
    plot,
    compare,
    json,
    help,
  };
}
