import { execFileSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder for tools that are too large for a development dependency. */
export const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'iomux');

/**
 * The folder of a package from npm, which is installed into `folder` of the cache.
 * @throws where it cannot be
 */
export function installed(folder, name, version) {
  const prefix = join(CACHE, folder);
  const quiet = ['--silent', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
  // --force, because the package may be for another processor than this one.
  execFileSync('npm', ['install', '--force', ...quiet, '--prefix', prefix, `${name}@${version}`]);
  return join(prefix, 'node_modules', name);
}
