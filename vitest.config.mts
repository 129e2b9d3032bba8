import { defineConfig } from 'vitest/config';

// What does not depend on how a wake-up reaches JavaScript runs once, in the project `once`;
// everything else once for each driver. A test that is about one driver says so by itself.
const once = [
  'test/*.test.ts',
  'test/{poll,property}/**/*.test.ts',
  'test/raw/epoll-{constants,control,data,wait}.test.ts',
  'test/raw/select*.test.ts',
  'test/raw/{timerfd,pidfd,kqueue-timer,kqueue-process}.test.ts',
];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: '100%',
    retry: 0,
    testTimeout: 10_000,
    setupFiles: ['test/support/setup.ts'],
    projects: [
      ...['uv', 'thread'].map((driver) => ({
        extends: true as const,
        test: {
          name: driver,
          include: ['test/**/*.test.ts'],
          exclude: once,
          env: { IOMUX_DRIVER: driver },
        },
      })),
      {
        extends: true,
        test: {
          name: 'once',
          include: once,
          typecheck: {
            enabled: true,
            include: ['test/types/*.test-d.{ts,mts}'],
            tsconfig: 'test/types/tsconfig.json',
          },
        },
      },
    ],
  },
});
