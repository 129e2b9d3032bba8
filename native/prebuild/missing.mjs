// Fails when there is no binary for one of the systems: before the package is published, which would be
// without it. The argument: another folder than the project's.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { targets } from './targets.mjs';

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '../..'));
const missing = targets.filter(({ file }) => !existsSync(join(root, file)));
for (const { file } of missing) console.error(`${file} is missing: npm run build:prebuilds`);
process.exitCode = missing.length > 0 ? 1 : 0;
