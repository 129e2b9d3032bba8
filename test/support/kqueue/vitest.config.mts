import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const addon = fileURLToPath(new URL('.', import.meta.url));
const built = existsSync(`${addon}/build/Release/iomux.node`);
if (!built) console.warn('kqueue tests: all skipped, the addon over libkqueue is not built');

// The tests of kqueue on a system that has none. node-gyp-build takes the directory of the addon
// from the environment; the usual addon stays where it is.
export default defineConfig({
  root: fileURLToPath(new URL('../../..', import.meta.url)),
  test: {
    include: built ? ['test/{raw,poll,conformance,examples,cli}/kqueue*.test.ts'] : [],
    passWithNoTests: !built,
    pool: 'forks',
    retry: 0,
    testTimeout: 30_000,
    expect: { poll: { timeout: 20_000 } },
    setupFiles: ['test/support/setup.ts', 'test/support/kqueue/deviations.ts'],
    env: { IOMUX_PREBUILD: addon, IOMUX_DRIVER: 'uv' },
  },
});
