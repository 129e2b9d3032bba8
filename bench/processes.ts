import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

import { TemporaryFolder } from './temporary-folder';

/** Milliseconds after which a program that should have ended by itself is killed and reported. */
const RUN_TIMEOUT = 60_000;
/** Milliseconds after which a server that was asked to end is killed. */
const END_TIMEOUT = 5_000;

/** A child process, killed when the run is aborted and never left behind. */
class Child {
  readonly process: ChildProcessWithoutNullStreams;
  /**
   * Settles when the process has gone and its output has been read; rejects unless it ended with
   * exit code 0.
   */
  readonly ended: Promise<void>;

  constructor(command: readonly string[], signal: AbortSignal) {
    const [program = '', ...args] = command;
    this.process = spawn(program, args, { signal, killSignal: 'SIGKILL' });
    this.ended = this.#watch(command.join(' '));
    // No unhandled rejection where a server fails while nothing awaits it; a later `await` still throws.
    this.ended.catch(() => undefined);
    // The program may end without reading its input; its exit code says more than our EPIPE.
    this.process.stdin.on('error', () => undefined);
  }

  async #watch(command: string): Promise<void> {
    // Aborted, or the program does not exist. The process has gone only after `close`.
    let failure: unknown;
    this.process.on('error', (error) => (failure = error));
    const errors = text(this.process.stderr);
    const end = await new Promise<number | string | null>((resolve) => {
      this.process.once('close', (code, signalName) => {
        resolve(code ?? signalName);
      });
    });
    if (failure) throw new Error(`${command}: killed, or never started`, { cause: failure });
    if (end !== 0)
      throw new Error(`${command}: ended with ${String(end)}\n${await errors}`.trimEnd());
  }
}

/** Runs a program to its end and returns what it printed. Rejects if its exit code is not 0. */
export async function run(
  command: readonly string[],
  signal: AbortSignal,
  timeout = RUN_TIMEOUT,
): Promise<string> {
  const child = new Child(command, AbortSignal.any([signal, AbortSignal.timeout(timeout)]));
  child.process.stdin.end();
  const output = text(child.process.stdout);
  await child.ended;
  return output;
}

/** What a program has counted and spent so far; times are in seconds of its own clock. */
export interface Snapshot {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly datagrams?: number;
  readonly bytes?: number;
  readonly connections?: number;
  /** Bytes in use at that moment. */
  readonly heap?: number;
  /** How many timers have fired since the last snapshot, and by how many milliseconds they were late. */
  readonly timers?: number;
  readonly p50?: number;
  readonly p90?: number;
  readonly max?: number;
  /** Only where V8 counts: see `servers/engine.ts`. */
  readonly entries?: number;
  readonly allocated?: number;
  readonly collections?: number;
}

/** What a program did between two snapshots. */
export interface Window {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Processor time over wall time. */
  readonly share: number;
  readonly datagrams: number;
  readonly bytes: number;
  readonly connections: number;
}

export function between(before: Snapshot, after: Snapshot): Window {
  const seconds = after.seconds - before.seconds;
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
  return {
    seconds,
    cpuSeconds,
    share: cpuSeconds / seconds,
    datagrams: (after.datagrams ?? 0) - (before.datagrams ?? 0),
    bytes: (after.bytes ?? 0) - (before.bytes ?? 0),
    connections: (after.connections ?? 0) - (before.connections ?? 0),
  };
}

/**
 * A program that works until it is told to end: it prints `{"address":"..."}` when it is ready,
 * answers every line with a snapshot, and ends when its standard input does.
 */
export class Server implements AsyncDisposable {
  /**
   * A port of the loopback interface or the path of a Unix socket, as the programs take it on their command
   * line.
   */
  readonly address: string;
  readonly #child: Child;
  readonly #lines: Lines;
  /** The folder of its Unix socket, if it has one. */
  #folder: TemporaryFolder | undefined;
  #isPaused = false;

  private constructor(child: Child, lines: Lines, address: string) {
    this.#child = child;
    this.#lines = lines;
    this.address = address;
  }

  /** Resolves once the server listens. */
  static async start(command: readonly string[], signal: AbortSignal): Promise<Server> {
    const child = new Child(command, signal);
    const lines = createInterface(child.process.stdout)[Symbol.asyncIterator]();
    const { address } = (await answer(child, lines)) as { address: string };
    return new Server(child, lines, address);
  }

  /** The same for a command that takes the address: any free port, or a Unix socket in a folder of its own. */
  static async listen(
    command: readonly string[],
    overUnix: boolean,
    signal: AbortSignal,
  ): Promise<Server> {
    if (!overUnix) return await Server.start([...command, '0'], signal);
    const folder = await TemporaryFolder.create();
    return await orDispose(folder, async () => {
      const server = await Server.start([...command, folder.path('socket')], signal);
      server.#folder = folder;
      return server;
    });
  }

  get pid(): number {
    return this.#child.process.pid ?? NaN;
  }

  async snapshot(): Promise<Snapshot> {
    this.#child.process.stdin.write('\n');
    return (await answer(this.#child, this.#lines)) as Snapshot;
  }

  /** Stops a program that never waits by itself, until it is resumed. */
  pause(): void {
    this.#isPaused = true;
    this.#child.process.kill('SIGSTOP');
  }

  resume(): void {
    if (this.#isPaused) this.#child.process.kill('SIGCONT');
    this.#isPaused = false;
  }

  /** Resolves once the process has gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { process, ended } = this.#child;
    this.resume();
    process.stdin.end();
    const timeout = setTimeout(() => process.kill('SIGKILL'), END_TIMEOUT);
    try {
      await ended;
    } finally {
      clearTimeout(timeout);
      await this.#folder?.[Symbol.asyncDispose]();
    }
  }
}

/** A server, and a program that was given its address and sends to it. */
export class Pair implements AsyncDisposable {
  readonly source: Server;
  readonly sink: Server;

  private constructor(source: Server, sink: Server) {
    this.source = source;
    this.sink = sink;
  }

  static async start(
    startSink: () => Promise<Server>,
    startSource: (sink: Server) => Promise<Server>,
  ): Promise<Pair> {
    const sink = await startSink();
    return await orDispose(sink, async () => new Pair(await startSource(sink), sink));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.source[Symbol.asyncDispose]();
    } finally {
      // Last, so that the source never sends to a socket that is gone.
      await this.sink[Symbol.asyncDispose]();
    }
  }
}

/** Goes on with something that was started, and disposes of it if that fails. */
export async function orDispose<T>(
  started: AsyncDisposable,
  proceed: () => Promise<T>,
): Promise<T> {
  try {
    return await proceed();
  } catch (error) {
    await started[Symbol.asyncDispose]();
    throw error;
  }
}

type Lines = NodeJS.AsyncIterator<string>;

/** The next line that a program prints; rejects if it ends first. */
async function answer(child: Child, lines: Lines): Promise<unknown> {
  const next = await lines.next();
  if (next.done !== true) return JSON.parse(next.value);
  await child.ended;
  throw new Error('A program ended before it answered');
}
