import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const CACHE = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
const FOLDER = join(CACHE, 'iomux', `bench-peers-node-${process.versions.node}`, 'node_modules');

/**
 * The folder of a package that tests compare iomux with. It is no dependency, since it has to be compiled.
 * Where `npm run bench -- --peers all` has not installed it for this Node, this warns and returns
 * undefined.
 */
export function peerPackage(name: string): string | undefined {
  const folder = join(FOLDER, name);
  if (existsSync(join(folder, 'build/Release'))) return folder;
  console.warn(`npm's ${name} is not installed: nothing is compared with it (bench --peers all)`);
  return undefined;
}
