// The package as a user gets it, with every prebuilt binary, in a project without a compiler: `npm run
// test:install`. `-- --prebuilds FOLDER` takes binaries that were built before. The last line adds up.

import assert from 'node:assert';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const PROGRAMS = join(import.meta.dirname, 'programs');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const PUBLINT = 'publint@0.3.25';
const TYPES_WRONG = '@arethetypeswrong/cli@0.18.5';

const folder = mkdtempSync(join(tmpdir(), 'iomux-install-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const [copy, project, tools] = ['package', 'project', 'bin'].map((name) => join(folder, name));
for (const path of [copy, project, tools]) mkdirSync(path);

let passed = 0;
let failed = 0;

function check(name, work) {
  try {
    work();
    passed++;
    console.log(`ok: ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED: ${name}\n${error.stdout ?? ''}${error.stderr ?? ''}${error.message}`);
  }
}

function run(cwd, command, ...args) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' });
}

/** Packs what is published, in a copy: binaries that lie in the work tree are loaded by others. */
function pack(given) {
  const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const published = files.filter((path) => !path.startsWith('!') && path !== 'prebuilds');
  for (const path of [...published, 'package.json', 'README.md', 'LICENSE']) {
    cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  }
  if (given !== undefined) cpSync(resolve(given), join(copy, 'prebuilds'), { recursive: true });
  else run(ROOT, process.execPath, 'native/prebuild/prebuild.mjs', '--into', copy);
  const [{ filename }] = JSON.parse(run(copy, 'npm', 'pack', '--ignore-scripts', '--json'));
  return join(copy, filename);
}

/** Runs with a PATH on which there is Node, and no compiler, make or Python. */
function runWithoutCompiler(command, ...args) {
  const env = { ...process.env, PATH: tools };
  return execFileSync(command, args, { cwd: project, env, encoding: 'utf8', stdio: 'pipe' });
}

const at = process.argv.indexOf('--prebuilds');
let tarball;
check('npm pack, with the binaries', () => {
  tarball = pack(at < 0 ? undefined : process.argv[at + 1]);
});
if (tarball !== undefined) {
  check('publint', () => run(copy, 'npx', '--yes', PUBLINT, 'run', tarball, '--strict'));
  check('are the types wrong', () => {
    // Not as TypeScript looked for modules before there were `exports`.
    run(copy, 'npx', '--yes', TYPES_WRONG, tarball, '--profile', 'node16');
  });
  const npm = run(ROOT, 'sh', '-c', 'command -v npm').trim();
  symlinkSync(process.execPath, join(tools, 'node'));
  symlinkSync(npm, join(tools, 'npm'));
  for (const tool of ['sh', 'env']) {
    symlinkSync(run(ROOT, 'sh', '-c', `command -v ${tool}`).trim(), join(tools, tool));
  }
  cpSync(PROGRAMS, project, { recursive: true });
  // As an ES module and as CommonJS.
  for (const kind of ['mts', 'cts']) {
    cpSync(join(project, 'typed.ts'), join(project, `typed.${kind}`));
  }
  writeFileSync(join(project, 'package.json'), '{}');
  check('npm install --ignore-scripts, without a compiler', () => {
    runWithoutCompiler('npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', tarball);
  });
  for (const program of ['require.cjs', 'import.mjs']) {
    check(program, () => runWithoutCompiler('node', program));
  }
  check('iomux doctor', () => {
    const command = join(project, 'node_modules/.bin/iomux');
    const { works, addon } = JSON.parse(runWithoutCompiler(command, 'doctor', '--json'));
    assert.deepStrictEqual([works, addon.origin], [true, 'prebuilt']);
    runWithoutCompiler(command, '--version');
  });
  for (const resolution of ['node16', 'nodenext', 'bundler']) {
    check(`TypeScript, moduleResolution ${resolution}`, () => {
      const module = resolution === 'bundler' ? 'preserve' : resolution;
      const options = ['--module', module, '--moduleResolution', resolution];
      const types = ['--typeRoots', join(ROOT, 'node_modules/@types'), '--types', 'node'];
      const files = ['typed.ts', 'typed.mts', 'typed.cts'];
      run(project, process.execPath, TSC, '--noEmit', '--strict', ...options, ...types, ...files);
    });
  }
}
console.log(`ok ${passed} failed ${failed}`);
process.exitCode = failed > 0 ? 1 : 0;
