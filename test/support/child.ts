import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { descriptors } from './descriptors';
import { PATIENCE } from './patience';

/** What a script can use. It runs in a process of its own, on dist/. */
export interface Tools {
  readonly iomux: typeof import('../../lib/index');
  readonly epoll: typeof import('../../lib/epoll');
  readonly kqueue: typeof import('../../lib/kqueue');
  readonly net: typeof import('../../lib/net');
  readonly node: typeof import('../../lib/node');
  readonly select: typeof import('../../lib/select');
  readonly socket: typeof import('../../lib/socket');
  readonly fs: typeof import('node:fs');
  readonly threads: typeof import('node:worker_threads');
  readonly descriptors: typeof descriptors;
  /** Milliseconds after which a process that nothing keeps alive has ended. */
  readonly later: number;
  /** The descriptors that are open now. */
  openDescriptors(): number;
  /** Collects garbage, and lets the finalizers run. */
  collect(): Promise<void>;
  /** Runs a script in a Worker of this process, which posts its result. */
  startWorker<A>(script: Script<A>, argument?: A): Worker;
}

/**
 * A function that is sent as source, so that it must refer to nothing outside. Unless it returns undefined,
 * that is the `result` of the outcome.
 */
export type Script<A = undefined> = (tools: Tools, argument: A) => unknown;

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  readonly result: unknown;
  /** Whether it did not end by itself, and was killed. */
  readonly late: boolean;
}

/** The outcome of a process that has ended by itself, as it should. */
export const ended = { code: 0, signal: null, late: false, stderr: '' } as const;

export interface ChildOptions<A> {
  readonly argument?: A | undefined;
  /** The binary of Node; that of this process by default. */
  readonly node?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A program to run it under, with its arguments. */
  readonly under?: readonly string[];
  /** In milliseconds. */
  readonly deadline?: number;
}

const ROOT = join(__dirname, '../..');

/** Runs a script in a child process, on the same driver as this one. */
export function inChild<A = undefined>(
  script: Script<A>,
  o: ChildOptions<A> = {},
): Promise<Outcome> {
  const { node = process.execPath, flags = [], under = [], deadline = 20_000 } = o;
  const source = `(${bootstrap.toString()})(${script.toString()}, ${JSON.stringify(o.argument)})`;
  const [command, ...args] = [...under, node, ...flags, '-e', source];
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, ...o.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A program that it runs under may not pass signals on: the whole group is killed.
    detached: true,
  });
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    let late = false;
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    const timer = setTimeout(() => {
      late = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, deadline * PATIENCE);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const result: unknown = stdout === '' ? undefined : JSON.parse(stdout);
      resolve({ code, signal, stderr, result, late });
    });
  });
}

/** Sent as source, to the child and from there to its Workers. */
function bootstrap<A>(script: Script<A>, argument: A): void {
  const fs = require('node:fs') as typeof import('node:fs');
  const threads = require('node:worker_threads') as typeof import('node:worker_threads');
  const load = require('node-gyp-build') as (folder: string) => unknown;
  const tools: Tools = {
    // Loaded when they are first used.
    get iomux() {
      return require('iomux') as Tools['iomux'];
    },
    get epoll() {
      return require('iomux/epoll') as Tools['epoll'];
    },
    get kqueue() {
      return require('iomux/kqueue') as Tools['kqueue'];
    },
    get net() {
      return require('iomux/net') as Tools['net'];
    },
    get node() {
      return require('iomux/node') as Tools['node'];
    },
    get select() {
      return require('iomux/select') as Tools['select'];
    },
    get socket() {
      return require('iomux/socket') as Tools['socket'];
    },
    fs,
    threads,
    get descriptors() {
      return load('test/support') as Tools['descriptors'];
    },
    later: 250 * Number(process.env['IOMUX_TEST_PATIENCE'] ?? 1),
    openDescriptors: () =>
      fs.readdirSync(process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd').length,
    collect: async () => {
      for (let turn = 0; turn < 4; turn++) {
        (globalThis as unknown as { gc: () => void }).gc();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    startWorker: (inWorker, given) => {
      const source = `(${bootstrap.toString()})(${inWorker.toString()}, ${JSON.stringify(given)})`;
      return new threads.Worker(source, { eval: true });
    },
  };
  const report = (result: unknown): void => {
    if (result === undefined) return;
    if (threads.parentPort !== null) threads.parentPort.postMessage(result);
    else fs.writeSync(1, JSON.stringify(result));
  };
  void (async () => {
    report(await script(tools, argument));
  })();
}
