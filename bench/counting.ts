import type { Snapshot } from './processes';
import type { Column, Sample } from './question';
import { countColumn } from './table';

/** Room for what a count allocates: V8 collects nothing meanwhile. */
const FLAGS = ['--min-semi-space-size=256', '--max-semi-space-size=256'];

/** Whether a program runs on that Node, whose engine warms up, and can count. */
export function runsOn(node: string, command: readonly string[]): boolean {
  return command.includes(node);
}

/** The command of a program on `node`, whose engine is to count: see `servers/engine.ts`. */
export function counting(node: string, command: readonly string[]): string[] {
  const flagged = command.flatMap((word) => (word === node ? [node, ...FLAGS] : [word]));
  return ['env', 'IOMUX_BENCH_COUNTS=1', ...flagged];
}

/** What an engine counts. */
export type Counted = Pick<Snapshot, 'entries' | 'allocated' | 'collections'>;

/**
 * What the engine did for each of so many operations: of two looks, between them; of three, how much
 * more the second time than the first. The bytes are left out where some were collected.
 */
export function perOperation(looks: readonly Counted[], operations: number): Sample {
  const counted = (counter: keyof Counted): number => {
    const [first = NaN, second = NaN, third] = looks.map((look) => look[counter] ?? NaN);
    return third === undefined ? second - first : third - second - (second - first);
  };
  const entries = counted('entries') / operations;
  if (!Number.isFinite(entries)) return {};
  const [before, after] = [looks.at(0)?.collections, looks.at(-1)?.collections];
  return before === after ? { entries, allocated: counted('allocated') / operations } : { entries };
}

/** What is counted for each operation, as far as it was. */
export const COUNTERS: readonly Column[] = [
  countColumn('system calls', 'systemCalls', 2),
  countColumn('entries into JS', 'entries', 3),
  countColumn('bytes allocated', 'allocated', 0),
];
