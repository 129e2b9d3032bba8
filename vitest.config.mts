import { defineConfig } from 'vitest/config';

// The whole suite runs once for each driver. A test that is about one of them says so by itself.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    retry: 0,
    testTimeout: 10_000,
    setupFiles: ['test/support/setup.ts'],
    projects: ['uv', 'thread'].map((driver) => ({
      extends: true as const,
      test: { name: driver, env: { IOMUX_DRIVER: driver } },
    })),
  },
});
