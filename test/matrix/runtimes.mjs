import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';

import { installed } from '../../native/prebuild/cache.mjs';
import { missingFromArm64, prepareArm64 } from './arm64.mjs';

const CONFIG = resolve(import.meta.dirname, 'vitest.config.mts');
const NODES = [20, 22, 24, 26];
const BUN_VERSION = '1.4.5';
const DENO_VERSION = '2.9.6';

const isLinux = process.platform === 'linux';
const [ownMajor] = process.versions.node.split('.').map(Number);

/** Sets the command of a runtime, which npm installs. Returns why it cannot, if so. */
function find(runtime, install) {
  if (!isLinux) return 'it is run on Linux';
  try {
    runtime.command = install();
    execFileSync(runtime.command, ['--version']);
  } catch {
    return 'it cannot be installed';
  }
  return undefined;
}

function node(major) {
  const own = major === ownMajor;
  return {
    name: `Node ${own ? process.versions.node : major}`,
    id: 'node',
    // `once` has the tests that do not depend on the driver.
    drivers: ['uv', 'thread', 'once'],
    missing() {
      if (own) return undefined;
      const name = `node-${process.platform}-${process.arch}`;
      return find(this, () => join(installed(`node-${major}`, name, major), 'bin/node'));
    },
    prepare(project) {
      return { command: this.command ?? process.execPath, args: ['--project', project] };
    },
  };
}

const bun = {
  name: `Bun ${BUN_VERSION}`,
  id: 'bun',
  drivers: ['thread'],
  missing() {
    const name = `@oven/bun-linux-${process.arch === 'arm64' ? 'aarch64' : process.arch}`;
    return find(this, () => join(installed('bun', name, BUN_VERSION), 'bin/bun'));
  },
  prepare(driver) {
    const env = { IOMUX_TEST_RUNTIME: this.id, IOMUX_DRIVER: driver };
    return { command: this.command, before: ['--bun'], env, args: ['--config', CONFIG] };
  },
};

const deno = {
  name: `Deno ${DENO_VERSION}`,
  id: 'deno',
  drivers: ['thread'],
  missing() {
    const name = `@deno/linux-${process.arch}-glibc`;
    return find(this, () => join(installed('deno', name, DENO_VERSION), 'deno'));
  },
  prepare(driver) {
    const env = {
      IOMUX_TEST_RUNTIME: this.id,
      IOMUX_DRIVER: driver,
      NODE_OPTIONS: `--require ${join(import.meta.dirname, 'deno.cjs')}`,
      // Deno must not look for an update of itself.
      DENO_NO_UPDATE_CHECK: '1',
    };
    return { command: this.command, before: ['run', '-A'], env, args: ['--config', CONFIG] };
  },
};

/** Vitest itself runs natively; the processes that run the tests are emulated. */
const arm64 = {
  name: 'linux-arm64 (emulated)',
  id: 'arm64',
  drivers: ['uv', 'thread'],
  missing: missingFromArm64,
  prepare(driver) {
    const env = { IOMUX_TEST_RUNTIME: this.id, IOMUX_DRIVER: driver, ...prepareArm64() };
    return { command: process.execPath, env, args: ['--config', CONFIG] };
  },
};

export const runtimes = [...NODES.map(node), bun, deno, arm64];
