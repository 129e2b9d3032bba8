import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

import { run } from './processes';
import type { Context } from './question';

/** What is compared with but never depended on, since both are compiled when they are installed. */
const PACKAGES = ['epoll@4.0.2', 'unix-dgram@2.0.7'];

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
  await run(['env', path, 'npm', 'install', ...quietly, '--prefix', folder, ...PACKAGES], signal);
  return join(folder, 'node_modules');
}

/** The command with the packages at hand. */
export function withPeerPackages(folder: string, command: readonly string[]): string[] {
  return ['env', `NODE_PATH=${folder}`, ...command];
}
