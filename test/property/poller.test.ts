import fc from 'fast-check';
import { describe, test, vi } from 'vitest';
import type { Mode } from '../../lib/index';
import { native } from '../../lib/native';
import { type Closing, PollerModel } from './poller-model';

type Operation = (model: PollerModel) => void;

const at = fc.nat(20);
const interest = fc.integer({ min: 1, max: 7 });
const how = fc.constantFrom<Closing[]>('delete before', 'delete after', 'forget');

/** One step of a program, with a readable form for the report of a failure. */
function operation<A extends unknown[]>(
  name: string,
  weight: number,
  argumentsOf: { [K in keyof A]: fc.Arbitrary<A[K]> },
  apply: (model: PollerModel, ...args: A) => void,
): fc.WeightedArbitrary<Operation> {
  const arbitrary = fc.tuple<A>(...argumentsOf).map((args): Operation => {
    const run = (model: PollerModel): void => {
      apply(model, ...args);
    };
    return Object.assign(run, { [fc.toStringMethod]: () => `${name}(${args.join(', ')})` });
  });
  return { weight, arbitrary };
}

function operations(...modes: Mode[]): fc.Arbitrary<Operation[]> {
  const mode = fc.constantFrom(...modes);
  const one = fc.oneof(
    operation('open', 4, [], (model) => {
      model.open();
    }),
    operation('duplicate', 2, [at], (model, i: number) => {
      model.duplicate(i);
    }),
    operation('close', 3, [at, how], (model, i: number, when: Closing) => {
      model.close(i, when);
    }),
    operation('add', 8, [at, interest, mode], (model, i: number, wanted: number, m: Mode) => {
      model.add(i, wanted, m);
    }),
    operation('modify', 4, [at, interest, mode], (model, i: number, wanted: number, m: Mode) => {
      model.modify(i, wanted, m);
    }),
    operation('delete', 2, [at], (model, i: number) => {
      model.delete(i);
    }),
    operation('deleteStale', 1, [], (model) => {
      model.deleteStale();
    }),
    operation('write', 6, [at], (model, i: number) => {
      model.write(i);
    }),
    operation('drain', 3, [at], (model, i: number) => {
      model.drain(i);
    }),
    operation('end', 1, [at], (model, i: number) => {
      model.end(i);
    }),
    operation('notify', 1, [], (model) => {
      model.notify();
    }),
    operation(
      'wait',
      10,
      [fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined })],
      (model, most: number | undefined) => {
        model.wait(most);
      },
    ),
  );
  return fc.array(one, { minLength: 10, maxLength: 80, size: 'max' });
}

function holds(backend: 'epoll' | 'poll', runs: fc.Arbitrary<Operation[]>): void {
  fc.assert(
    fc.property(runs, (run) => {
      using model = new PollerModel(backend);
      for (const step of run) step(model);
    }),
    { numRuns: 1000 },
  );
}

// Each makes some thousand system calls.
vi.setConfig({ testTimeout: 30_000 });

describe('whatever is added, modified, deleted, written, read, duplicated and closed', () => {
  test.runIf(native.backend === 'epoll')('a poller over epoll reports what is ready', () => {
    holds('epoll', operations('level', 'edge', 'oneshot'));
  });

  test('a poller over poll reports what is ready', () => {
    holds('poll', operations('level', 'oneshot'));
  });
});
