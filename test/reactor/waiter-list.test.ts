import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ANY } from '../../lib/poll/interest';
import { Cancellation, Waiter, WaiterList } from '../../lib/reactor/waiter';

const steps = fc.array(
  fc.oneof(
    fc.tuple(fc.constant('push' as const), fc.integer({ min: 1, max: ANY })),
    fc.tuple(fc.constant('push cancellable' as const), fc.integer({ min: 1, max: ANY })),
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

function newCancellation(interest: number): Cancellation {
  const waiter = newWaiter(interest);
  const cancellation = new Cancellation(waiter, new AbortController().signal, () => undefined);
  waiter.cancellation = cancellation;
  return cancellation;
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
        if (what === 'push' || what === 'push cancellable') {
          const waiter = what === 'push' ? newWaiter(number) : newCancellation(number).waiter;
          list.push(waiter);
          model.push(waiter);
        } else if (what === 'take') {
          const taken = model.filter(({ interest }) => (interest & number) !== 0);
          model = model.filter((waiter) => !taken.includes(waiter));
          expect(chained(list.take(number))).toEqual(taken);
        } else {
          const cancellable = model.flatMap(({ cancellation }) => cancellation ?? []);
          const cancellation = cancellable.at(number) ?? newCancellation(ANY);
          expect(list.remove(cancellation)).toBe(cancellable.includes(cancellation));
          model = model.filter((waiter) => waiter !== cancellation.waiter);
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
  const cancellations = Array.from({ length: 100 }, () => {
    const cancellation = newCancellation(ANY);
    const { waiter } = cancellation;
    let next: Waiter | null = null;
    Object.defineProperty(waiter, 'next', {
      get: () => (steps++, next),
      set: (other: Waiter | null) => (next = other),
    });
    list.push(waiter);
    return cancellation;
  });
  for (const cancellation of cancellations.reverse()) {
    expect(list.remove(cancellation)).toBe(true);
  }
  expect(list.empty).toBe(true);
  expect(steps).toBeLessThanOrEqual(3 * cancellations.length);
});
