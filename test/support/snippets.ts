import { join } from 'node:path';
import ts from 'typescript';
import type { Block } from './documents';
import { fragments } from './fragments';

const ROOT = join(__dirname, '../..');
const FRAGMENTS = join(ROOT, 'docs/fragments.d.ts');

const options: ts.CompilerOptions = {
  allowJs: true,
  checkJs: true,
  noEmit: true,
  strict: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  module: ts.ModuleKind.NodeNext,
  types: ['node'],
};

/** The files on the disk are parsed once for all programs. */
const read = new Map<string, ts.SourceFile | undefined>();

/**
 * The errors that the compiler finds in code blocks, each a file of its own: a module of strict TypeScript
 * or, where it uses `require`, a CommonJS module, which has no top-level await.
 */
export function complaintsAbout(blocks: readonly Block[]): string[] {
  // They are in the folder of the package, which they import by its name, but not on the disk.
  const modules = new Map(
    blocks.map((block, i) => [join(ROOT, `docs/snippet-${i}.${extensionOf(block)}`), block]),
  );
  const texts = new Map([[FRAGMENTS, fragments]]);
  for (const [path, { code }] of modules) texts.set(path, code);
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  host.getSourceFile = (path, ...how) => {
    if (texts.has(path)) return getSourceFile(path, ...how);
    if (!read.has(path)) read.set(path, getSourceFile(path, ...how));
    return read.get(path);
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, '\n');
    if (file === undefined) return message;
    const { line } = file.getLineAndCharacterOfPosition(start);
    const block = modules.get(file.fileName);
    const where = block === undefined ? file.fileName : `${block.path}:${block.line + line}`;
    return `${where}: ${message}`;
  });
}

function extensionOf({ language, code }: Block): string {
  return /\brequire\(/.test(code) ? `c${language}` : 'mts';
}
