import { defineConfig } from 'vitest/config';
import { fileURLToPath } from 'node:url';
import deviations from './deviations.json' with { type: 'json' };

// The suite where something of it cannot run; see deviations.json. matrix.mjs sets the environment.
const runtime = process.env['IOMUX_TEST_RUNTIME'] as keyof typeof deviations;
const patience = Number(process.env['IOMUX_TEST_PATIENCE'] ?? 1);
const { include, files } = deviations[runtime];

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include,
    exclude: [...Object.values<string[]>(files).flat(), '**/node_modules/**'],
    pool: 'forks',
    isolate: false,
    maxWorkers: '100%',
    retry: 0,
    testTimeout: 30_000 * patience,
    expect: { poll: { timeout: 20_000 * patience } },
    setupFiles: ['test/support/setup.ts', 'test/matrix/deviations.ts'],
  },
});
