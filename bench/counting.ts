import type { Snapshot } from './processes';
import type { Column, Sample } from './question';
import { countColumn } from './table';

/** A young generation so large that V8 collects no garbage during a count. */
const FLAGS = ['--min-semi-space-size=256', '--max-semi-space-size=256'];

/** Whether a command runs on the Node under test, whose V8 can count. */
export function runsOn(node: string, command: readonly string[]): boolean {
  return command.includes(node);
}

/** The command with the counters of V8 switched on: see `servers/engine.ts`. */
export function counting(node: string, command: readonly string[]): string[] {
  const flagged = command.flatMap((word) => (word === node ? [node, ...FLAGS] : [word]));
  return ['env', 'IOMUX_BENCH_COUNTS=1', ...flagged];
}

/** What V8 counts. */
export type Counted = Pick<Snapshot, 'entries' | 'allocated' | 'collections'>;

/**
 * What V8 did per operation. Of two looks, the difference; of three, by how much the second interval
 * exceeds the first, which has fewer operations. Without the bytes if garbage was collected.
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

/** The columns of the exact costs per operation. */
export const COUNTERS: readonly Column[] = [
  countColumn('system calls', 'systemCalls', 2),
  countColumn('entries into JS', 'entries', 3),
  countColumn('bytes allocated', 'allocated', 0),
];
