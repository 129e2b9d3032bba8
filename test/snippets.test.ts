import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { blocksOf, documents } from './support/documents';
import { complaintsAbout } from './support/snippets';

// The compiler takes its time.
vi.setConfig({ testTimeout: 60_000 });

const ROOT = join(__dirname, '..');
const GUIDE = 'docs/guide.md';
const run = promisify(execFile);
const sources = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join('lib', name));

test('the code in the documents, and in the documentation of the exports, compiles', () => {
  const blocks = [...documents, ...sources]
    .flatMap(blocksOf)
    .filter(({ language }) => language === 'js' || language === 'ts');
  expect(blocks.length).toBeGreaterThan(50);
  expect(complaintsAbout(blocks)).toEqual([]);
});

test('code that says `require` and awaits at its top is refused, since no file may have both', () => {
  const block = (path: string, code: string) => ({ path, line: 1, language: 'js', code });
  const required = "const { readable } = require('iomux');\n";
  const complaints = complaintsAbout([
    block('without.md', `${required}readable(0);\n`),
    block('with.md', `${required}await readable(0);\n`),
  ]);
  expect(complaints).toEqual([expect.stringMatching(/^with\.md:2: .*'await'/)]);
});

test('code that strict TypeScript refuses is refused, in JavaScript as well', () => {
  const code =
    "import { connect } from 'iomux/net';\n(await connect({ fd: 3 })).remoteAddress.port;\n";
  const complaints = complaintsAbout([{ path: 'a.md', line: 1, language: 'js', code }]);
  expect(complaints).toEqual([expect.stringMatching(/^a\.md:2: .*possibly 'null'/)]);
});

describe('the guide', () => {
  const blocks = blocksOf(GUIDE);
  const programs = blocks.flatMap((program, i) =>
    program.language === 'js' ? [{ ...program, output: blocks.at(i + 1) }] : [],
  );

  test('has programs, each with what it prints', () => {
    expect(programs.length).toBeGreaterThan(5);
    expect(programs.filter(({ output }) => output?.language !== 'text')).toEqual([]);
  });

  test.each(programs)('prints what it says from line $line on', async ({ code, output }) => {
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', code], {
      cwd: ROOT,
    });
    expect({ stdout, stderr }).toEqual({ stdout: output?.code, stderr: '' });
  });
});
