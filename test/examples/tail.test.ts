import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startExample } from '../support/example';
import { temporary } from '../support/opened';

test('examples/tail follows a file, and the one that takes its place', async () => {
  const file = temporary('log');
  writeFileSync(file, 'before\n');
  {
    await using example = await startExample('tail', file);
    expect(example.line).toBe(`tailing ${file}`);
    appendFileSync(file, 'one\n');
    expect(await example.next()).toBe('one');
    renameSync(file, `${file}.1`);
    writeFileSync(file, 'two\n');
    expect(await example.next()).toBe('two');
    writeFileSync(file, '3\n'); // shorter
    expect(await example.next()).toBe('3');
  }
});
