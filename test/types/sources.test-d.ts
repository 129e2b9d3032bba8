import { type Abortable, type ReceivedSignal, Signals, type Source } from 'iomux';
import { expectTypeOf, test } from 'vitest';

test('Signals take names and numbers, and give one signal after the other', () => {
  expectTypeOf(Signals).toBeConstructibleWith(['SIGHUP', 34]);
  expectTypeOf(Signals).toBeConstructibleWith(new Set(['SIGHUP']));
  expectTypeOf<Signals['receive']>().toEqualTypeOf<(o?: Abortable) => Promise<ReceivedSignal>>();
  expectTypeOf<ReceivedSignal>().toEqualTypeOf<{
    readonly signal: string;
    readonly number: number;
    readonly pid: number | null;
    readonly uid: number | null;
    readonly value: number | null;
    readonly count: number;
  }>();
  expectTypeOf<Signals>().toExtend<Source & Disposable & AsyncIterable<ReceivedSignal>>();
  expectTypeOf<Signals['ref']>().returns.toEqualTypeOf<Signals>();
  // What the classes share stays inside.
  expectTypeOf<Signals>().not.toHaveProperty('next');
});
