import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { vi } from 'vitest';

// A test starts several programs: a second or two for each, under a sanitizer on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Where `npm run build:test` puts them. */
const EXAMPLES = join(__dirname, '../../examples/build');

/** Runs an example, on dist/, until it ends. Returns what it has printed. */
export function runExample(name: string, ...args: string[]): Promise<string> {
  return feedExample(name, '', ...args);
}

/** The same, with this on its standard input. */
export async function feedExample(name: string, input: string, ...args: string[]): Promise<string> {
  const child = spawnExample(name, args);
  child.stdin.end(input);
  return await text(child.stdout);
}

export interface RunningExample extends AsyncDisposable {
  /** The first line that it has printed. */
  readonly line: string;
  /** The number after the last `port` in that line. */
  readonly port: number;
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  /** The next line. */
  next(): Promise<string>;
}

/**
 * Starts an example that serves, and waits for its first line, which says where. Disposing of it ends it.
 */
export async function startExample(name: string, ...args: string[]): Promise<RunningExample> {
  const child = spawnExample(name, args);
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${name} has ended`);
    return value;
  };
  const line = await next();
  return {
    line,
    port: Number(/.*\bport (\d+)/.exec(line)?.[1]),
    child,
    next,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}

export function programOf(name: string): string {
  return join(EXAMPLES, `${name}.mjs`);
}

/** Starts an example, with these descriptors as its numbers from 3 on. */
export function spawnExample(name: string, args: string[] = [], fds: number[] = []) {
  return spawn(process.execPath, [programOf(name), ...args], {
    stdio: ['pipe', 'pipe', 'inherit', ...fds],
  }) as ChildProcessByStdio<Writable, Readable, null>;
}
