import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import ts from 'typescript';

const EXAMPLES = join(__dirname, '../../examples');

/** Runs an example, over dist/, until it ends: what it has printed. */
export async function runExample(name: string, ...args: string[]): Promise<string> {
  const source = readFileSync(join(EXAMPLES, `${name}.ts`), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  // Within the package, which it imports by its name.
  const folder = join(EXAMPLES, 'build');
  const program = join(folder, `${name}-${process.pid}.mjs`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(program, outputText);
  try {
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return await text(child.stdout);
  } finally {
    rmSync(program);
  }
}
