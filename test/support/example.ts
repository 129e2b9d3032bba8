import { type ChildProcess, spawn } from 'node:child_process';
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

export interface RunningExample extends AsyncDisposable {
  /** The first line that it has printed. */
  readonly line: string;
  readonly child: ChildProcess;
  /** The next line. */
  next(): Promise<string>;
}

/** Starts an example that serves: its first line, in which it says where. It is ended at the end. */
export async function startExample(name: string, ...args: string[]): Promise<RunningExample> {
  using example = compiled(name);
  const child = started(example.program, args);
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${name} has ended`);
    return value;
  };
  return {
    line: await next(),
    child,
    next,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
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
