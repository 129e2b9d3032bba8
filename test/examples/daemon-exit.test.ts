import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runExample } from '../support/example';
import { temporary } from '../support/opened';

test('examples/daemon-exit ends a daemon by its pid file, and says when there is none', async () => {
  const daemon = spawn('sleep', ['60'], { stdio: 'ignore' });
  const exit = once(daemon, 'exit');
  const file = temporary('daemon.pid');
  writeFileSync(file, `${daemon.pid}\n`);
  // It is no child of the example: whether the system tells how it has ended depends on it.
  expect(await runExample('daemon-exit', file, '5')).toMatch(
    new RegExp(`^${daemon.pid} has ended( by SIGTERM)?\n$`),
  );
  expect(await exit).toEqual([null, 'SIGTERM']);
  expect(await runExample('daemon-exit', file)).toMatch(/: Error: ESRCH: no such process, /);
  // In the words of the runtime.
  expect(await runExample('daemon-exit', file, '5')).toMatch(/: \w*Error: .*\bESRCH\b/);
});
