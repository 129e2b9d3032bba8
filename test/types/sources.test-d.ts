import {
  type Abortable,
  type FileEvent,
  FileWatch,
  type ReceivedSignal,
  Signals,
  type Source,
} from 'iomux';
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

test('FileWatch gives names as text, or as bytes where that is asked for', () => {
  expectTypeOf(FileWatch).toBeConstructibleWith('/tmp');
  expectTypeOf(FileWatch).toBeConstructibleWith(Buffer.from('/tmp'));
  expectTypeOf(FileWatch).toBeConstructibleWith(new URL('file:///tmp'));
  const text = () => new FileWatch('/tmp');
  const bytes = () => new FileWatch('/tmp', { encoding: 'buffer' });
  expectTypeOf(text).returns.toExtend<Source & Disposable & AsyncIterable<FileEvent>>();
  expectTypeOf(bytes).returns.toExtend<AsyncIterable<FileEvent<Buffer>>>();
  expectTypeOf<ReturnType<typeof text>['receive']>().toEqualTypeOf<
    (o?: Abortable) => Promise<FileEvent | null>
  >();
  expectTypeOf<FileEvent<Buffer>['from']>().toEqualTypeOf<Buffer | null>();
  // @ts-expect-error there is no such encoding
  new FileWatch('/tmp', { encoding: 'hex' });
});
