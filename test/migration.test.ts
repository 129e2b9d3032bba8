import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test, vi } from 'vitest';

// The compiler takes its time.
vi.setConfig({ testTimeout: 60_000 });

const ROOT = join(__dirname, '..');
const DOCUMENT = join(ROOT, 'docs/migration.md');

/** What the names stand for that the text explains in its first paragraph. */
const GIVEN = `
  declare const fd: number, port: number, pid: number, n: number;
  declare const host: string, path: string, data: Buffer, buffer: Buffer, signal: AbortSignal;
  declare function callback(...values: unknown[]): void;`;

interface Table {
  readonly line: number;
  /** The code above it. */
  readonly before: string;
  /** What stands in the right column, as code. */
  readonly snippets: readonly string[];
}

function tablesOf(document: string): Table[] {
  const tables: { line: number; before: string; snippets: string[] }[] = [];
  const lines = document.split('\n');
  let before = '';
  for (let i = 0; i < lines.length; i++) {
    if (lines[i] === '```js') {
      const end = lines.indexOf('```', i);
      before = lines.slice(i + 1, end).join('\n');
      i = end;
    } else if (/^\| -+ \|/.test(lines[i])) {
      tables.push({ line: i + 1, before, snippets: [] });
    } else if (lines[i].startsWith('| ') && !lines[i + 1]?.startsWith('| --')) {
      const right = lines[i].split(/(?<!\\)\|/)[2].replaceAll('\\|', '|');
      tables.at(-1)?.snippets.push(...[...right.matchAll(/`([^`]+)`/g)].map(([, code]) => code));
    }
  }
  return tables;
}

/** As a module: what stands above the table, and every snippet in a block of its own. */
function moduleOf({ before, snippets }: Table): string {
  const blocks = snippets.map((snippet) => `{ ${snippet}; }`).join('\n');
  return `${before}\nexport {};\n${GIVEN}\n${blocks}`;
}

/** The errors of the modules, each with the line that it is in. */
function errorsOf(modules: readonly string[]): string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    noImplicitAny: false,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    module: ts.ModuleKind.Node16,
    types: ['node'],
  };
  const texts = new Map(modules.map((text, i) => [join(ROOT, `migration-${i}.mts`), text]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  const program = ts.createProgram([...texts.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file?.text.slice(0, start).split('\n').length ?? 0;
    const message = ts.flattenDiagnosticMessageText(messageText, ' ');
    return `${file?.text.split('\n')[line - 1]}: ${message}`;
  });
}

describe('the migration table', () => {
  const tables = tablesOf(readFileSync(DOCUMENT, 'utf8'));

  test('has a table for each of those that people come from', () => {
    expect(tables).toHaveLength(11);
    for (const { line, snippets } of tables) {
      expect(snippets.length, `line ${line}`).toBeGreaterThan(4);
    }
  });

  test('names nothing of ours that there is not, nor with other arguments', () => {
    const [{ before }] = tables;
    const wrong = moduleOf({ line: 0, before, snippets: ['epoll.register(fd, EPOLLIN)'] });
    const [told, ...errors] = errorsOf([wrong, ...tables.map(moduleOf)]);
    expect(told).toContain("Property 'register' does not exist on type 'Epoll'");
    expect(errors).toEqual([]);
  });
});
