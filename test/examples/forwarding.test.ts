import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startExample } from '../support/example';
import { temporary } from '../support/opened';

const run = promisify(execFile);
const LENGTH = 5_000_000;

function portIn(line: string): string {
  return /port (\d+)/.exec(line)?.[1] ?? '';
}

test('curl gets a file from examples/file-server, through examples/tcp-forwarder', async () => {
  const folder = temporary();
  const [path, copy] = [join(folder, 'file'), join(folder, 'copy')];
  writeFileSync(path, randomBytes(LENGTH));
  await using server = await startExample('file-server', path, '0');
  const target = `127.0.0.1:${portIn(server.line)}`;
  await using forwarder = await startExample('tcp-forwarder', '0', target);
  const port = portIn(forwarder.line);
  const args = ['--silent', '--show-error', '--fail', '--max-time', '20', '--noproxy', '*'];
  for (let round = 0; round < 3; round++) {
    await run('curl', [...args, '--output', copy, `http://127.0.0.1:${port}/`], {
      // Not under the sanitizer that this process may be under.
      env: { ...process.env, LD_PRELOAD: '' },
    });
    expect(hashOf(copy)).toBe(hashOf(path));
    rmSync(copy);
  }
});

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
