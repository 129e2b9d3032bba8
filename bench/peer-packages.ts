import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

import { run } from './processes';
import type { Context } from './question';

const ARM = process.arch === 'arm64';
const BUN = `@oven/bun-linux-${ARM ? 'aarch64' : process.arch}`;
const DENO = `@deno/linux-${process.arch}-glibc`;

/**
 * What is compared with but never depended on: addons that are compiled when they are installed, and
 * the programs of other runtimes.
 */
export const PEER_PACKAGES = ['epoll@4.0.2', 'unix-dgram@2.0.7', `${BUN}@1.4.5`, `${DENO}@2.9.6`];

/** Milliseconds for what is loaded from another place and compiled. */
const INSTALL_TIMEOUT = 600_000;

/**
 * Installs the packages for one Node, once, and returns their folder: a program that finds it in
 * NODE_PATH can require them.
 */
export async function installPeerPackages(
  node: string,
  version: string,
  signal: Context['signal'],
): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'iomux', `bench-peers-node-${version}`);
  await mkdir(folder, { recursive: true });
  // npm runs on the first `node` of the path, and so do the builds that it starts.
  const path = `PATH=${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}`;
  const quietly = ['--silent', '--no-audit', '--no-fund', '--no-save'];
  await run(
    ['env', path, 'npm', 'install', ...quietly, '--prefix', folder, ...PEER_PACKAGES],
    signal,
    INSTALL_TIMEOUT,
  );
  return join(folder, 'node_modules');
}

/** The command with the packages at hand. */
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
