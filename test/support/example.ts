import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import ts from 'typescript';

const EXAMPLES = join(__dirname, '../../examples');

/** Runs an example, over dist/, until it ends: what it has printed. */
export function runExample(name: string, ...args: string[]): Promise<string> {
  return feedExample(name, '', ...args);
}

/** The same, with something to read from its standard input. */
export async function feedExample(name: string, input: string, ...args: string[]): Promise<string> {
  using example = compiled(name);
  const child = started(example.program, args);
  child.stdin.end(input);
  return await text(child.stdout);
}

/** Starts an example that serves: its first line, in which it says where. It is ended at the end. */
export async function startExample(
  name: string,
  ...args: string[]
): Promise<AsyncDisposable & { readonly line: string }> {
  using example = compiled(name);
  const child = started(example.program, args);
  const ended = once(child, 'exit');
  for await (const line of createInterface(child.stdout)) {
    return {
      line,
      async [Symbol.asyncDispose]() {
        child.kill();
        await ended;
      },
    };
  }
  throw new Error(`${name} has ended`);
}

function started(program: string, args: string[]) {
  return spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
}

function compiled(name: string): Disposable & { readonly program: string } {
  const source = readFileSync(join(EXAMPLES, `${name}.ts`), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  // Within the package, which it imports by its name.
  const folder = join(EXAMPLES, 'build');
  const program = join(folder, `${name}-${process.pid}.mjs`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(program, outputText);
  return {
    program,
    [Symbol.dispose]() {
      rmSync(program);
    },
  };
}
