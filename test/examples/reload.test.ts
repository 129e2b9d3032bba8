import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startExample } from '../support/example';
import { temporary } from '../support/opened';

test('examples/reload reads its configuration again when it is told to', async () => {
  const file = temporary('config.json');
  writeFileSync(file, '{"greeting":"hello"}');
  {
    await using example = await startExample('reload', file);
    const { child, line, next } = example;
    const ended = once(child, 'exit');
    expect(line).toBe(`ready: ${child.pid}`);
    writeFileSync(file, '{"greeting":"moin"}');
    child.kill('SIGUSR2');
    expect(await next()).toBe('{"greeting":"hello"}');
    child.kill('SIGHUP');
    expect(await next()).toBe(`reloaded for ${process.pid}`);
    child.kill('SIGUSR2');
    expect(await next()).toBe('{"greeting":"moin"}');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  }
});
