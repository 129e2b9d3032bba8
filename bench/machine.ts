import { readFile } from 'node:fs/promises';
import { arch, cpus, platform, release, totalmem, type } from 'node:os';
import { join } from 'node:path';

import { congestionControl } from './own-network';
import { run } from './processes';

/** Where the numbers come from, as far as it explains them. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  /** When TCP sends what, on the loopback interface too. */
  readonly congestionControl: string;
  readonly architecture: string;
  readonly iomux: string;
  /** Inside the Node under test. */
  readonly versions: { readonly node: string; readonly uv: string; readonly v8: string };
}

async function iomuxVersion(): Promise<string> {
  const manifest = await readFile(join(__dirname, '../../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** What is inside the Node under test. */
export async function versionsOf(node: string, signal: AbortSignal): Promise<Machine['versions']> {
  const output = await run([node, '-p', 'JSON.stringify(process.versions)'], signal);
  const { node: own, uv, v8 } = JSON.parse(output) as Machine['versions'];
  return { node: own, uv, v8 };
}

/** Describes this machine, and the network of this thread. */
export async function describeMachine(versions: Machine['versions']): Promise<Machine> {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    congestionControl: congestionControl(),
    architecture: `${platform()}-${arch()}`,
    iomux: await iomuxVersion(),
    versions,
  };
}

/** One line for the head of a report. */
export function formatMachine(machine: Machine): string {
  const { processor, cores, kernel, congestionControl, iomux, versions } = machine;
  return (
    `iomux ${iomux}, Node ${versions.node} with libuv ${versions.uv}, ${kernel}, TCP ${congestionControl}, ` +
    `${processor}, ${String(cores)} cores`
  );
}
