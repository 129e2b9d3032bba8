import { describe, expect, test } from 'vitest';
import { reactor, Timer, type TimerSetting } from '../../lib/index';
import { inChild } from '../support/child';
import { inWorker } from '../support/worker';
import { afterTurns, PENDING } from '../support/turns';
import { describeSource } from './contract';

const now = (): bigint => process.hrtime.bigint();
const HOUR = 3_600_000;

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describeSource('a timer', {
  open: () => new Timer(),
  trigger: (timer) => timer.set({ after: 0 }),
  nothing: 0,
  one: 1,
  told: 1,
});

describe('a timer', () => {
  test('is silent until it is set', async () => {
    using timer = new Timer();
    const waiting = timer.wait();
    expect(await afterTurns(waiting)).toBe(PENDING);
    timer.set({ after: 1 });
    expect(await waiting).toBe(1);
  });

  test('expires after milliseconds, nanoseconds and fractions, and never early', async () => {
    using timer = new Timer();
    for (const [after, nanoseconds] of [
      [2, 2_000_000n],
      [2_000_000n, 2_000_000n],
      [1.25, 1_250_000n],
      [0.000_000_1, 1n],
      [0, 0n],
      [0n, 0n],
    ] as const) {
      const start = now();
      expect(await timer.set({ after }).wait()).toBe(1);
      expect(now() - start).toBeGreaterThanOrEqual(nanoseconds);
    }
  });

  test('expires at times of both clocks', async () => {
    using timer = new Timer({ at: new Date(Date.now() + 10) });
    await timer.wait();
    const wall = Date.now() + 5;
    await timer.set({ at: wall }).wait();
    expect(Date.now()).toBeGreaterThanOrEqual(wall);
    const elapsed = now() + 5_000_000n;
    await timer.set({ at: elapsed }).wait();
    expect(now()).toBeGreaterThanOrEqual(elapsed);
  });

  test.each([
    ['of the wall clock', new Date(0)],
    ['before 1970', -1e15],
    ['of the other clock', 0n],
    ['of the other clock, before it began', -1n],
  ] as const)('takes a time that has passed for now: %s', async (_, at) => {
    using timer = new Timer({ at, every: HOUR });
    expect(await timer.wait()).toBe(1);
    expect(await afterTurns(timer.wait().catch(() => 'closed'))).toBe(PENDING);
  });

  test('begins its period with a period, unless it is told otherwise', async () => {
    const start = now();
    using timer = new Timer({ every: 5 });
    expect(await timer.wait()).toBeGreaterThanOrEqual(1);
    expect(now() - start).toBeGreaterThanOrEqual(5_000_000n);
    timer.set({ after: 0, every: HOUR });
    expect(await timer.wait()).toBe(1);
    timer.set({ at: new Date(), every: HOUR });
    expect(await timer.wait()).toBe(1);
    timer.set({ at: now(), every: HOUR });
    expect(await timer.wait()).toBe(1);
  });

  test('counts what was missed while the event loop was busy, and does not drift', async () => {
    const start = now();
    using timer = new Timer({ every: 1 });
    const begun = now();
    let total = 0;
    for (const milliseconds of [20, 5, 35]) {
      block(milliseconds);
      const atLeast = Number((now() - begun) / 1_000_000n);
      total += await timer.wait();
      expect(total).toBeGreaterThanOrEqual(atLeast);
      expect(total).toBeLessThanOrEqual(Number((now() - start) / 1_000_000n));
    }
  });

  test('is set anew while somebody waits', async () => {
    using timer = new Timer({ every: HOUR });
    const waiting = timer.wait();
    expect(await afterTurns(waiting)).toBe(PENDING);
    timer.set({ after: 0.5 });
    expect(await waiting).toBe(1);
  });

  test('that is cleared does not expire, not even for who was about to be told', async () => {
    using timer = new Timer({ after: 0 });
    const waiting = timer.wait();
    block(2);
    timer.clear();
    expect(await afterTurns(waiting)).toBe(PENDING);
    expect(timer.tryTake()).toBe(0);
    expect(timer.clear().set({ after: 1 })).toBe(timer);
    expect(await waiting).toBe(1);
  });

  test('that is set in vain is as it was', async () => {
    using timer = new Timer({ after: 10 });
    expect(() => timer.set({ after: -1 })).toThrow(RangeError);
    expect(() => timer.set({ after: 1, every: NaN })).toThrow(RangeError);
    expect(await timer.wait()).toBe(1);
  });

  const TYPE = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
  const RANGE = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
  const VALUE = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' };
  test.each([
    [null, TYPE],
    [5, TYPE],
    [{}, VALUE],
    [{ after: '5' }, TYPE],
    [{ after: null }, TYPE],
    [{ after: new Date() }, TYPE],
    [{ after: -0.1 }, RANGE],
    [{ after: -1n }, RANGE],
    [{ after: NaN }, RANGE],
    [{ after: Infinity }, RANGE],
    [{ after: 1e13 }, RANGE],
    [{ after: 2n ** 63n }, RANGE],
    [{ every: 0 }, RANGE],
    [{ every: 0n }, RANGE],
    [{ every: -1 }, RANGE],
    [{ every: true }, TYPE],
    [{ after: 1, every: {} }, TYPE],
    [{ at: '2030-01-01' }, TYPE],
    [{ at: new Date(NaN) }, RANGE],
    [{ at: NaN }, RANGE],
    [{ at: Infinity }, RANGE],
    [{ at: -Infinity }, RANGE],
    [{ at: new Date(8.64e15) }, RANGE],
    [{ at: 2n ** 64n }, RANGE],
    [{ at: 1, after: 1 }, VALUE],
  ])('is not made of %o', (setting, error) => {
    expect(() => new Timer(setting as TimerSetting)).toThrow(expect.objectContaining(error));
    using timer = new Timer();
    expect(() => timer.set(setting as TimerSetting)).toThrow(expect.objectContaining(error));
  });

  test('is not set to nothing, which is for the constructor only', () => {
    using timer = new Timer();
    expect(() => timer.set(undefined as never)).toThrow(expect.objectContaining(VALUE));
  });

  test('says what it takes in Node’s words', () => {
    expect(() => new Timer({ after: 'soon' as never })).toThrow(
      'The "options.after" property must be of type number or bigint. Received type string (\'soon\')',
    );
    expect(() => new Timer({ every: -2n })).toThrow(
      'The value of "options.every" is out of range. It must be > 0, and less than 292 years. Received -2n',
    );
  });

  test('is one of thousands, which expire in their order', async () => {
    const count = 3000;
    const before = reactor.statistics();
    const start = now() + 20_000_000n;
    const order: number[] = [];
    const timers = Array.from({ length: count }, (_, i) => {
      const place = (i * 7919) % count;
      const timer = new Timer({ at: start + BigInt(place) * 20_000n });
      const told = timer.wait().then((expired) => {
        expect(now()).toBeGreaterThanOrEqual(start + BigInt(place) * 20_000n);
        order.push(place);
        return expired;
      });
      return { timer, told };
    });
    const told = await Promise.all(timers.map((one) => one.told));
    for (const { timer } of timers) timer.close();
    expect(new Set(told)).toEqual(new Set([1]));
    expect(order).toHaveLength(count);
    // Each is on time; those of one wake-up come in any order.
    expect(new Set(order).size).toBe(count);
    expect(reactor.statistics()).toEqual(before);
  });

  test('works in Workers', async () => {
    const answer = await inWorker(async ({ iomux }, every: number) => {
      const timer = new iomux.Timer({ every });
      let total = 0;
      for await (const count of timer) {
        total += count;
        if (total >= 5) timer.close();
      }
      return total;
    }, 1);
    expect(answer).toBeGreaterThanOrEqual(5);
  });

  test('that nobody can reach closes its descriptor, unless somebody waits', async () => {
    const outcome = await inChild(
      async ({ iomux, openDescriptors, collect }) => {
        const used = async (): Promise<void> => {
          await new iomux.Timer({ after: 0 }).wait();
        };
        await used();
        await collect();
        const before = openDescriptors();
        for (let i = 0; i < 20; i++) {
          new iomux.Timer({ every: 1 });
          await used();
        }
        const waiting = new iomux.Timer({ after: 300 }).wait();
        for (let turn = 0; turn < 50 && openDescriptors() > before; turn++) await collect();
        return { left: openDescriptors() - before, told: await waiting };
      },
      { flags: ['--expose-gc'] },
    );
    expect(outcome).toMatchObject({ code: 0, stderr: '', result: { told: 1 } });
    expect((outcome.result as { left: number }).left).toBeLessThanOrEqual(1);
  });
});
