import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

import { run } from './processes';
import type { Context } from './question';

const ARM = process.arch === 'arm64';
const BUN = `@oven/bun-linux-${ARM ? 'aarch64' : process.arch}`;
const DENO = `@deno/linux-${process.arch}-glibc`;

/**
 * The peers that are no dependencies: addons that are compiled when they are installed, and other runtimes.
 */
export const PEER_PACKAGES = ['epoll@4.0.2', 'unix-dgram@2.0.7', `${BUN}@1.4.5`, `${DENO}@2.9.6`];

/** Milliseconds for downloading and compiling. */
const INSTALL_TIMEOUT = 600_000;

/** Installs the packages for one Node, once, and returns the folder that NODE_PATH has to name. */
export async function installPeerPackages(
  node: string,
  version: string,
  signal: Context['signal'],
): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'iomux', `bench-peers-node-${version}`);
  await mkdir(folder, { recursive: true });
  // npm, and the builds that it starts, run on the first `node` in PATH.
  const path = `PATH=${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}`;
  const quietly = ['--silent', '--no-audit', '--no-fund', '--no-save'];
  await run(
    ['env', path, 'npm', 'install', ...quietly, '--prefix', folder, ...PEER_PACKAGES],
    signal,
    INSTALL_TIMEOUT,
  );
  return join(folder, 'node_modules');
}

/** The command with NODE_PATH naming the folder. */
export function withPeerPackages(folder: string, command: readonly string[]): string[] {
  return ['env', `NODE_PATH=${folder}`, ...command];
}

/** The command that runs a script on Bun. */
export function onBun(folder: string, script: string): string[] {
  return [join(folder, BUN, 'bin/bun'), script];
}

/** The command that runs a script on Deno, which has to be told that it may be CommonJS. */
export function onDeno(folder: string, script: string): string[] {
  const flags = ['--allow-all', '--no-config', '--unstable-detect-cjs'];
  return [join(folder, DENO, 'deno'), 'run', ...flags, script];
}
