import { execFileSync } from 'node:child_process';
import { beforeEach } from 'vitest';
import deviations from './deviations.json';

// Skips the tests that fail only because the runtime differs from Node: deviations.json has their names,
// with the reasons.

const runtime = process.env['IOMUX_TEST_RUNTIME'] as keyof typeof deviations;
const reasons = new Map(
  Object.entries<string[]>(deviations[runtime].tests).flatMap(([reason, names]) =>
    names.map((name) => [name, reason]),
  ),
);

// Opens what Bun opens on first use and keeps, so that it does not look like a leak: duplicates of the standard descriptors, and
// a loop for child processes that are waited for.
if (runtime === 'bun') {
  void [process.stdin, process.stdout, process.stderr];
  execFileSync('true');
}

// The same for what Deno opens to be notified of signals.
if (runtime === 'deno') {
  const ignore = (): void => undefined;
  process.on('SIGVTALRM', ignore).off('SIGVTALRM', ignore);
}

beforeEach(({ task, skip }) => {
  const reason = reasons.get(task.fullTestName);
  if (reason !== undefined) skip(`${runtime}: ${reason}`);
});
