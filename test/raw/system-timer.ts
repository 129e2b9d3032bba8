import { expect, test } from 'vitest';
import type { SystemTimer } from '../../lib/raw/timer';

const MILLISECOND = 1_000_000n;
const now = (): bigint => process.hrtime.bigint();

/** Keeps the thread busy until then, so that nothing is taken meanwhile. */
function blockUntil(time: bigint): void {
  while (now() < time);
}

/** Takes as soon as there is something, and returns the time of that. */
function takeNext(timer: SystemTimer): { count: number; at: bigint } {
  for (;;) {
    const count = timer.take();
    if (count > 0) return { count, at: now() };
  }
}

/** The common contract of timerfd.ts and kqueue-timer.ts. */
export function testSystemTimer(open: () => SystemTimer): void {
  const using = (use: (timer: SystemTimer) => void): void => {
    const timer = open();
    try {
      use(timer);
    } finally {
      timer.owned.close();
    }
  };
  const elapsed = (first: bigint, period = 0n) => ({ first, onWallClock: false, period });

  test('is silent until it is set', () => {
    using((timer) => {
      expect(timer.take()).toBe(0);
    });
  });

  test('expires once, not before its time, and not again', () => {
    using((timer) => {
      const start = now();
      timer.set(elapsed(5n * MILLISECOND));
      const { count, at } = takeNext(timer);
      expect(at - start).toBeGreaterThanOrEqual(5n * MILLISECOND);
      expect(count).toBe(1);
      blockUntil(now() + 10n * MILLISECOND);
      expect(timer.take()).toBe(0);
    });
  });

  test('expires at once after no time at all', () => {
    using((timer) => {
      timer.set(elapsed(0n));
      expect(takeNext(timer).count).toBe(1);
    });
  });

  test('counts what nobody has taken, and does not drift', () => {
    using((timer) => {
      const before = now();
      timer.set(elapsed(3n * MILLISECOND, 2n * MILLISECOND));
      const after = now();
      let total = 0;
      for (const milliseconds of [20n, 31n, 50n]) {
        blockUntil(after + milliseconds * MILLISECOND);
        total += timer.take();
        // Independent of how late the previous expiration was taken.
        const most = (now() - before - 3n * MILLISECOND) / (2n * MILLISECOND) + 1n;
        expect(total).toBeGreaterThanOrEqual(Number((milliseconds - 3n) / 2n));
        expect(total).toBeLessThanOrEqual(Number(most));
      }
    });
  });

  test('begins with a first time that is not the period', () => {
    using((timer) => {
      timer.set(elapsed(1n, 3_600_000n * MILLISECOND));
      expect(takeNext(timer).count).toBe(1);
      blockUntil(now() + 5n * MILLISECOND);
      expect(timer.take()).toBe(0);
      const start = now();
      timer.set(elapsed(20n * MILLISECOND, 1n * MILLISECOND));
      expect(takeNext(timer).at - start).toBeGreaterThanOrEqual(20n * MILLISECOND);
      expect(takeNext(timer).at - start).toBeGreaterThanOrEqual(21n * MILLISECOND);
    });
  });

  test('has periods of nanoseconds', () => {
    using((timer) => {
      const before = now();
      timer.set(elapsed(1n, 1n));
      const after = now();
      blockUntil(after + MILLISECOND);
      const count = timer.take();
      expect(count).toBeGreaterThan(900_000);
      expect(count).toBeLessThanOrEqual(Number(now() - before));
    });
  });

  test('expires at a time of the wall clock', () => {
    using((timer) => {
      const then = Date.now() + 10;
      timer.set({ first: BigInt(then) * MILLISECOND, onWallClock: true, period: 0n });
      expect(takeNext(timer).count).toBe(1);
      expect(Date.now()).toBeGreaterThanOrEqual(then);
    });
  });

  test('counts further than 32 bits', () => {
    using((timer) => {
      timer.set({ first: 1n, onWallClock: true, period: 1_000n });
      const { count } = takeNext(timer);
      expect(count / (Date.now() * 1000)).toBeCloseTo(1, 4);
    });
  });

  test('takes the longest time there is', () => {
    using((timer) => {
      const most = 2n ** 63n - 1n;
      timer.set(elapsed(most, most));
      expect(timer.take()).toBe(0);
      timer.set({ first: most, onWallClock: true, period: most });
      expect(timer.take()).toBe(0);
    });
  });

  test('forgets what has expired when it is set or cleared', () => {
    using((timer) => {
      timer.set(elapsed(1n, 1n));
      blockUntil(now() + MILLISECOND);
      timer.set(elapsed(3_600_000n * MILLISECOND));
      expect(timer.take()).toBe(0);
      timer.set(elapsed(1n, 1n));
      blockUntil(now() + MILLISECOND);
      timer.clear();
      timer.clear();
      blockUntil(now() + MILLISECOND);
      expect(timer.take()).toBe(0);
    });
  });

  test('says that it is closed, whatever is asked of it', () => {
    const timer = open();
    timer.owned.close();
    const closed = expect.objectContaining({ code: 'ERR_CLOSED' });
    expect(() => timer.take()).toThrow(closed);
    expect(() => {
      timer.clear();
    }).toThrow(closed);
    expect(() => {
      timer.set(elapsed(1n));
    }).toThrow(closed);
  });
}
