import { execFileSync } from 'node:child_process';
import { beforeEach } from 'vitest';
import deviations from './deviations.json';

// What a runtime does otherwise than Node, and the tests that fail for it and for nothing else: they are
// skipped by their name, with the reason.

const runtime = process.env['IOMUX_TEST_RUNTIME'] as keyof typeof deviations;
const reasons = new Map(
  Object.entries<string[]>(deviations[runtime].tests).flatMap(([reason, names]) =>
    names.map((name) => [name, reason]),
  ),
);

// What Bun opens when it is used for the first time, and keeps: duplicates of the standard descriptors, and
// a loop for child processes that are waited for.
if (runtime === 'bun') {
  void [process.stdin, process.stdout, process.stderr];
  execFileSync('true');
}

// And Deno: how it hears of signals.
if (runtime === 'deno') {
  const ignore = (): void => undefined;
  process.on('SIGVTALRM', ignore).off('SIGVTALRM', ignore);
}

beforeEach(({ task, skip }) => {
  const reason = reasons.get(task.fullTestName);
  if (reason !== undefined) skip(`${runtime}: ${reason}`);
});
