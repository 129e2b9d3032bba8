import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ANY } from '../../lib/poll/interest';
import { Waiter, WaiterList } from '../../lib/reactor/waiter';

const steps = fc.array(
  fc.oneof(
    fc.tuple(fc.constant('push' as const), fc.integer({ min: 1, max: ANY })),
    fc.tuple(fc.constant('take' as const), fc.integer({ min: 1, max: ANY })),
    fc.tuple(fc.constant('remove' as const), fc.nat(9)),
  ),
  { maxLength: 40 },
);

let source = 0;

function newWaiter(interest: number): Waiter {
  return new Waiter(
    source++,
    interest,
    false,
    () => undefined,
    () => undefined,
  );
}

function chained(first: Waiter | null): Waiter[] {
  const chain: Waiter[] = [];
  for (let waiter = first; waiter !== null; waiter = waiter.next) chain.push(waiter);
  return chain;
}

test('who waits is kept in order, and leaves it from anywhere', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const list = new WaiterList();
      let model: Waiter[] = [];
      for (const [what, number] of all) {
        if (what === 'push') {
          const waiter = newWaiter(number);
          list.push(waiter);
          model.push(waiter);
        } else if (what === 'take') {
          const taken = model.filter(({ interest }) => (interest & number) !== 0);
          model = model.filter((waiter) => !taken.includes(waiter));
          expect(chained(list.take(number))).toEqual(taken);
        } else {
          const waiter = model.at(number) ?? newWaiter(ANY);
          expect(list.remove(waiter)).toBe(model.includes(waiter));
          model = model.filter((other) => other !== waiter);
        }
        const union = model.reduce((sum, { interest }) => sum | interest, 0);
        expect([list.length, list.empty]).toEqual([model.length, model.length === 0]);
        expect([list.interest(ANY), list.interest(union)]).toEqual([union, union]);
      }
      expect(chained(list.takeAll())).toEqual(model);
      expect(list.empty).toBe(true);
    }),
  );
});

test('who leaves is not searched for', () => {
  let steps = 0;
  const list = new WaiterList();
  const waiters = Array.from({ length: 100 }, () => {
    const waiter = newWaiter(ANY);
    let next: Waiter | null = null;
    Object.defineProperty(waiter, 'next', {
      get: () => (steps++, next),
      set: (other: Waiter | null) => (next = other),
    });
    list.push(waiter);
    return waiter;
  });
  for (const waiter of waiters.reverse()) expect(list.remove(waiter)).toBe(true);
  expect(list.empty).toBe(true);
  expect(steps).toBeLessThanOrEqual(3 * waiters.length);
});
