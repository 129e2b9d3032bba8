// Installs the package as a user does: with each prebuilt binary, in a project without a compiler; and
// without binaries, compiled at installation. `npm run test:install`; `-- --prebuilds FOLDER` uses binaries
// that were built before. Lists what could not be run; the last line is the sum.

import assert from 'node:assert';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { nodePrefix } from '../../native/prebuild/build.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const PROGRAMS = join(import.meta.dirname, 'programs');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const PUBLINT = 'publint@0.3.25';
const TYPES_WRONG = '@arethetypeswrong/cli@0.18.5';

const folder = mkdtempSync(join(tmpdir(), 'iomux-install-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const [copy, project, source, tools] = ['package', 'project', 'source', 'bin'].map((name) =>
  join(folder, name),
);
for (const path of [copy, project, source, tools]) mkdirSync(path);

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

function npmPack(cwd, ...args) {
  return JSON.parse(run(cwd, 'npm', 'pack', '--ignore-scripts', '--json', ...args))[0];
}

/** Copies what is published, without the binaries: those in the work tree may be in use. */
function copyPublished() {
  for (const { path } of npmPack(ROOT, '--dry-run').files) {
    if (!path.startsWith('prebuilds/')) cpSync(join(ROOT, path), join(copy, path));
  }
}

function pack(given) {
  if (given !== undefined) cpSync(resolve(given), join(copy, 'prebuilds'), { recursive: true });
  else run(ROOT, process.execPath, 'native/prebuild/prebuild.mjs', '--into', copy);
  return join(copy, npmPack(copy).filename);
}

/** The folder that has Node's headers in `include/node`, or why nothing can be compiled. */
function compiler() {
  try {
    for (const tool of [process.env.CXX ?? 'c++', 'make', 'python3']) run(ROOT, tool, '--version');
    return { nodedir: nodePrefix() };
  } catch (error) {
    return { missing: error.message };
  }
}

/** Installs the package without binaries, as npm does. */
function installFromSource(tarball, nodedir) {
  writeFileSync(join(source, 'package.json'), '{}');
  const env = { ...process.env, JOBS: 'max', npm_config_nodedir: nodedir };
  const args = ['install', '--no-audit', '--no-fund', tarball];
  execFileSync('npm', args, { cwd: source, env, encoding: 'utf8', stdio: 'pipe' });
}

/** What `iomux doctor` reports about the addon of a project. */
function doctor(cwd, env) {
  const command = join(cwd, 'node_modules/.bin/iomux');
  const options = { cwd, env, encoding: 'utf8', stdio: 'pipe' };
  const { works, addon } = JSON.parse(execFileSync(command, ['doctor', '--json'], options));
  return [works, addon.origin];
}

/** Runs with a PATH that has Node, but no compiler, make or Python. */
function runWithoutCompiler(command, ...args) {
  const env = { ...process.env, PATH: tools };
  return execFileSync(command, args, { cwd: project, env, encoding: 'utf8', stdio: 'pipe' });
}

copyPublished();
const { nodedir, missing } = compiler();
if (missing !== undefined) {
  console.log(`not run: the package, compiled when it is installed: ${missing.split('\n')[0]}`);
} else {
  check('npm install, without a binary: it is compiled', () => {
    installFromSource(join(copy, npmPack(copy).filename), nodedir);
    assert.deepStrictEqual(doctor(source), [true, 'built']);
  });
}

const at = process.argv.indexOf('--prebuilds');
let tarball;
check('npm pack, with the binaries', () => {
  tarball = pack(at < 0 ? undefined : process.argv[at + 1]);
});
if (tarball !== undefined) {
  check('publint', () => run(copy, 'npx', '--yes', PUBLINT, 'run', tarball, '--strict'));
  check('are the types wrong', () => {
    run(copy, 'npx', '--yes', TYPES_WRONG, tarball);
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
  check('npm rebuild, without a compiler: the binary is found', () => {
    runWithoutCompiler('npm', 'rebuild', 'iomux');
    assert.ok(!existsSync(join(project, 'node_modules/iomux/build')));
  });
  for (const program of ['require.cjs', 'import.mjs']) {
    check(program, () => runWithoutCompiler('node', program));
  }
  check('iomux doctor', () => {
    assert.deepStrictEqual(doctor(project, { ...process.env, PATH: tools }), [true, 'prebuilt']);
    runWithoutCompiler(join(project, 'node_modules/.bin/iomux'), '--version');
  });
  for (const resolution of ['node10', 'node16', 'nodenext', 'bundler']) {
    check(`TypeScript, moduleResolution ${resolution}`, () => {
      const module = { node10: 'commonjs', bundler: 'preserve' }[resolution] ?? resolution;
      const options = ['--module', module, '--moduleResolution', resolution];
      if (resolution === 'node10') options.push('--ignoreDeprecations', '6.0');
      const types = ['--typeRoots', join(ROOT, 'node_modules/@types'), '--types', 'node'];
      const files = ['typed.ts', 'typed.mts', 'typed.cts'];
      run(project, process.execPath, TSC, '--noEmit', '--strict', ...options, ...types, ...files);
    });
  }
}
console.log(`ok ${passed} failed ${failed}`);
process.exitCode = failed > 0 ? 1 : 0;
