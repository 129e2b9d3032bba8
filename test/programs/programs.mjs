// Runs programs from npm, and clients and servers of Debian, over iomux, on both drivers: `npm run
// test:programs`. `-- pg http` selects files of suites/. Lists what is not installed; the last line is the sum.

import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from 'node:test';

const HERE = import.meta.dirname;
const SUITES = join(HERE, 'suites');
const DRIVERS = ['uv', 'thread'];

const wanted = process.argv.slice(2);
const files = readdirSync(SUITES)
  .filter((file) => wanted.length === 0 || wanted.includes(basename(file, '.mjs')))
  .map((file) => join(SUITES, file));

execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], {
  cwd: HERE,
  stdio: 'inherit',
});

let passed = 0;
let failed = 0;
const notRun = new Set();

for (const driver of DRIVERS) {
  // The processes of the suites inherit it.
  process.env.IOMUX_DRIVER = driver;
  const path = [];
  for await (const { type, data } of run({ files, concurrency: 1 })) {
    if (type === 'test:start') path.splice(data.nesting, Infinity, data.name);
    // Only the lines about tests; the rest is the sum of a file.
    if (type === 'test:diagnostic' && data.nesting > 0) console.log(data.message);
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const name = [...path.slice(0, data.nesting), data.name].join(': ');
    if (data.skip !== undefined) notRun.add(`${name}: ${data.skip}`);
    else if (type === 'test:fail') {
      // A suite fails because of its tests, which were printed already.
      if (data.details.error.failureType === 'subtestsFailed') continue;
      failed++;
      console.log(`FAILED: ${name}, on the driver ${driver}`, data.details.error.cause);
    } else if (data.details.type !== 'suite') {
      passed++;
      console.log(`ok: ${name}, on the driver ${driver}`);
    }
  }
}
for (const what of notRun) console.log(`not run: ${what}`);
console.log(`ok ${passed} failed ${failed}`);
process.exitCode = failed > 0 ? 1 : 0;
