// Fails if the binary for a system is missing, so that the package is not published without it.
// Argument: a folder instead of the project's.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { targets } from './targets.mjs';

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '../..'));
const missing = targets.filter(({ file }) => !existsSync(join(root, file)));
for (const { file } of missing) console.error(`${file} is missing: npm run build:prebuilds`);
process.exitCode = missing.length > 0 ? 1 : 0;
