import {
  type Abortable,
  type Duration,
  type FileEvent,
  FileWatch,
  type ProcessExit,
  processExit,
  type ReceivedSignal,
  type RemoteWaker,
  Signals,
  type Source,
  Timer,
  type TimerSetting,
  Waker,
  type WakerHandle,
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

test('a timer is a source, disposable, and an async iterable of counts', () => {
  expectTypeOf<Timer>().toExtend<Source & Disposable & AsyncIterable<number>>();
  expectTypeOf<Timer['wait']>().toEqualTypeOf<(o?: Abortable) => Promise<number>>();
  expectTypeOf<Timer['tryTake']>().returns.toEqualTypeOf<number>();
  expectTypeOf<Timer['closed']>().toEqualTypeOf<boolean>();
  expectTypeOf(new Timer().set({ after: 1 }).clear()).toEqualTypeOf<Timer>();
  expectTypeOf<ReturnType<Timer['ref']>>().toEqualTypeOf<Timer>();
});

test('times are milliseconds, or nanoseconds as bigints', () => {
  expectTypeOf<Duration>().toEqualTypeOf<number | bigint>();
  expectTypeOf(Timer).toBeConstructibleWith();
  expectTypeOf(Timer).toBeConstructibleWith({ after: 1.5, every: 10n });
  expectTypeOf(Timer).toBeConstructibleWith({ at: new Date() });
  expectTypeOf<TimerSetting['at']>().toEqualTypeOf<Date | number | bigint | undefined>();
  // @ts-expect-error: it must be known when
  new Timer().set();
  // @ts-expect-error: no strings
  new Timer({ at: '2030-01-01' });
});

test('a waker is a source of nothing but wake-ups, and its handle is none', () => {
  expectTypeOf<Waker>().toExtend<Source & Disposable & AsyncIterable<undefined>>();
  expectTypeOf<Waker['wait']>().toEqualTypeOf<(o?: Abortable) => Promise<void>>();
  expectTypeOf<Waker['handle']>().toEqualTypeOf<WakerHandle>();
  expectTypeOf<WakerHandle>().not.toExtend<Source>();
  expectTypeOf(Waker.from).toEqualTypeOf<(handle: WakerHandle) => RemoteWaker>();
  expectTypeOf<RemoteWaker['wake']>().toEqualTypeOf<() => boolean>();
  expectTypeOf<Waker>().toExtend<Pick<RemoteWaker, 'wake'>>();
});

test('an exit has a code or a signal, or neither', () => {
  expectTypeOf(processExit).toEqualTypeOf<(pid: number, o?: Abortable) => Promise<ProcessExit>>();
  expectTypeOf<ProcessExit>().toEqualTypeOf<{
    readonly code: number | null;
    readonly signal: string | null;
  }>();
});
