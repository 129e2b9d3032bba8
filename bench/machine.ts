import { readFile } from 'node:fs/promises';
import { arch, cpus, loadavg, platform, release, totalmem, type } from 'node:os';
import { join } from 'node:path';

import { UsageError } from './options';
import { congestionControl } from './own-network';
import { run } from './processes';
import type { Context } from './question';

/** Environment variables that change how Node, libuv or iomux works. */
const SWITCHES = ['IOMUX_DRIVER', 'NODE_OPTIONS', 'UV_USE_IO_URING'] as const;

/** The machine and the software that the numbers were measured on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  /** Of TCP; it applies to the loopback interface too. */
  readonly congestionControl: string;
  readonly architecture: string;
  readonly iomux: string;
  /** Of the Node under test, and of what is built into it. */
  readonly versions: { readonly node: string; readonly uv: string; readonly v8: string };
  // Missing in older results.
  /** Those of `SWITCHES` that are set. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The cores that were measured on. */
  readonly pinned?: Context['cores'];
  /** The load average of the minute before. */
  readonly load?: number;
}

async function iomuxVersion(): Promise<string> {
  const manifest = await readFile(join(__dirname, '../../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/**
 * The versions of the Node under test.
 *
 * @throws UsageError if the program is no Node
 */
export async function versionsOf(node: string, signal: AbortSignal): Promise<Machine['versions']> {
  try {
    const output = await run([node, '-p', 'JSON.stringify(process.versions)'], signal);
    const { node: own, uv, v8 } = JSON.parse(output) as Machine['versions'];
    return { node: own, uv, v8 };
  } catch (error) {
    throw new UsageError(
      `--node: '${node}' does not run as Node does: ${(error as Error).message}`,
    );
  }
}

/** Describes this machine, and the network of this thread. */
export async function describeMachine(
  versions: Machine['versions'],
  pinned: Context['cores'],
): Promise<Machine> {
  const environment = SWITCHES.map((name) => [name, process.env[name] ?? ''] as const);
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    congestionControl: congestionControl(),
    architecture: `${platform()}-${arch()}`,
    iomux: await iomuxVersion(),
    versions,
    environment: Object.fromEntries(environment.filter(([, value]) => value !== '')),
    pinned,
    load: loadavg()[0] ?? NaN,
  };
}

/** What two runs must have in common for their numbers to be comparable. */
export function conditionsOf(machine: Machine): [name: string, value: string][] {
  const { processor, cores, memoryGiB, kernel, architecture, versions } = machine;
  const { environment, pinned } = machine;
  const set = Object.entries(environment ?? {}).map(([name, value]) => `${name}=${value}`);
  return [
    ['processor', `${processor}, ${String(cores)} cores`],
    ['memory', `${String(memoryGiB)} GiB`],
    ['system', `${kernel}, ${architecture}, TCP ${machine.congestionControl}`],
    ['Node', `${versions.node}, with libuv ${versions.uv} and V8 ${versions.v8}`],
    ...(environment ? [['environment', set.join(', ') || 'nothing set'] as [string, string]] : []),
    ...(pinned
      ? [['on cores', `${String(pinned.server)}, ${String(pinned.generator)}`] as [string, string]]
      : []),
  ];
}

/** One line for the head of a report. */
export function formatMachine(machine: Machine): string {
  const load = machine.load === undefined ? [] : [`load ${machine.load.toFixed(1)} before`];
  const conditions = conditionsOf(machine).map(([name, value]) => `${name} ${value}`);
  return [`iomux ${machine.iomux}`, ...conditions, ...load].join('; ');
}
