import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// What does not depend on how a wake-up reaches JavaScript runs once, in the project `once`, and so do
// the examples, of which one does for the other driver; everything else once for each driver. A test that is about one driver says so by itself.
const once = [
  'test/*.test.ts',
  'test/{bench,cli,poll,property}/**/*.test.ts',
  'test/examples/{[!e]*,echo-blocking}.test.ts',
  'test/compat/epoll-package.test.ts',
  'test/raw/epoll-{constants,control,data,wait}.test.ts',
  'test/raw/select*.test.ts',
  'test/raw/{kqueue,socket}-constants.test.ts',
  'test/io/{address,constructors,nul,received}.test.ts',
  'test/reactor/{interest-set,waiter-list}.test.ts',
  'test/sources/{directory-listing,signals-handlers-process}.test.ts',
  'test/raw/{timerfd,pidfd,kqueue-timer,kqueue-process}.test.ts',
];

export default defineConfig({
  test: {
    pool: 'forks',
    // Files share a process, and the default reactor. To begin anew for each took half of the time.
    isolate: false,
    // A test waits for the kernel, a timer or another process most of the time.
    maxWorkers: 2 * availableParallelism(),
    retry: 0,
    testTimeout: 30_000,
    // Other programs have to start, which takes its time on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    setupFiles: ['test/support/setup.ts'],
    projects: [
      ...['uv', 'thread'].map((driver) => ({
        extends: true as const,
        test: {
          name: driver,
          include: ['test/**/*.test.ts'],
          // Programs from npm that test/programs has installed have tests of their own.
          exclude: [...once, '**/node_modules/**'],
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
