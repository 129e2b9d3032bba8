import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startExample } from '../support/example';

test('examples/tail follows a file, and the one that takes its place', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'iomux-tail-'));
  const file = join(folder, 'log');
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
  rmSync(folder, { recursive: true });
});
