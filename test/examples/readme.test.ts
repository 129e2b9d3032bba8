import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const EXAMPLES = join(__dirname, '../../examples');
const names = ['', 'echo/'].flatMap((folder) =>
  readdirSync(join(EXAMPLES, folder))
    .filter((file) => file.endsWith('.mts'))
    .map((file) => folder + file.slice(0, -4)),
);
const readme = readFileSync(join(EXAMPLES, 'README.md'), 'utf8');
const tests = readdirSync(__dirname)
  .filter((file) => file !== 'readme.test.ts')
  .map((file) => readFileSync(join(__dirname, file), 'utf8'))
  .join('');

describe.each(names)('examples/%s', (name) => {
  test('stands in the README, is short, and is run by a test', () => {
    expect(readme).toContain(`(${name}.mts)`);
    const lines = readFileSync(join(EXAMPLES, `${name}.mts`), 'utf8').split('\n');
    expect(lines.length - 1).toBeLessThan(60);
    expect(lines[0]).toMatch(/^\/\/ [A-Z]/);
    // What the echo servers have in common runs with them, and they are run by their suite.
    if (name === 'server-kinds' || name === 'echo/client') return;
    expect(tests).toContain(`'${name.replace(/^echo\//, '')}'`);
  });
});

test('the README names no example that is not there', () => {
  const named = [...readme.matchAll(/\]\(([\w/-]+)\.mts\)/g)].map((match) => match[1]);
  expect(named.sort()).toEqual([...new Set(names)].sort());
});
