import {
  type Abortable,
  type Interest,
  type Mode,
  notifyClosing,
  priority,
  type Reactor,
  type ReactorStatistics,
  reactor,
  readable,
  type Readiness,
  ready,
  register,
  type Registration,
  type Source,
  type StateError,
  type SystemError,
  watch,
  writable,
} from 'iomux';
import { expectTypeOf, test } from 'vitest';

test('a wait for one direction is a promise of nothing', () => {
  type Wait = (source: Source, o?: Abortable) => Promise<void>;
  expectTypeOf(readable).toEqualTypeOf<Wait>();
  expectTypeOf(writable).toEqualTypeOf<Wait>();
  expectTypeOf(priority).toEqualTypeOf<Wait>();
});

test('a wait for several is a promise of what has come', () => {
  expectTypeOf(ready).toEqualTypeOf<
    (source: Source, interest: Interest, o?: Abortable) => Promise<Readiness>
  >();
  expectTypeOf<Readiness>().toEqualTypeOf<{
    readonly readable: boolean;
    readonly writable: boolean;
    readonly priority: boolean;
    readonly hangup: boolean;
    readonly error: boolean;
  }>();
});

test('a signal may be given, or undefined', () => {
  expectTypeOf<{ signal: AbortSignal }>().toExtend<Abortable>();
  expectTypeOf<{ signal: undefined }>().toExtend<Abortable>();
  // @ts-expect-error: no signal
  void readable(0, { signal: 1 });
  // @ts-expect-error: promises take a signal, not a timeout
  void readable(0, { timeout: 1 });
});

test('a watch is iterated', () => {
  expectTypeOf(watch).returns.toExtend<AsyncIterable<Readiness>>();
  expectTypeOf(watch).toBeCallableWith(0, 1, { mode: 'edge', signal: AbortSignal.timeout(1) });
});

test('a registration is made with a callback, and changed and closed', () => {
  expectTypeOf(register).toEqualTypeOf<
    (
      source: Source,
      interest: Interest,
      callback: (readiness: Readiness) => void,
      o?: { mode?: Mode | undefined },
    ) => Registration
  >();
  expectTypeOf<Registration['modify']>().toEqualTypeOf<(interest: Interest) => void>();
  expectTypeOf<Registration['close']>().toEqualTypeOf<() => void>();
  expectTypeOf<Registration['fd']>().toEqualTypeOf<number>();
  expectTypeOf<Registration['closed']>().toEqualTypeOf<boolean>();
  expectTypeOf<Registration['interest']>().toEqualTypeOf<Interest>();
  expectTypeOf<Registration['mode']>().toEqualTypeOf<Mode>();
  expectTypeOf<Registration>().toExtend<Disposable>();
  const registration = register(0, 1, () => undefined);
  expectTypeOf(registration.ref()).toEqualTypeOf<Registration>();
  expectTypeOf(registration.unref()).toEqualTypeOf<Registration>();
});

test('the functions are the methods of the default reactor', () => {
  expectTypeOf(reactor).toEqualTypeOf<Reactor>();
  expectTypeOf<Reactor['readable']>().toEqualTypeOf(readable);
  expectTypeOf<Reactor['writable']>().toEqualTypeOf(writable);
  expectTypeOf<Reactor['priority']>().toEqualTypeOf(priority);
  expectTypeOf<Reactor['ready']>().toEqualTypeOf(ready);
  expectTypeOf<Reactor['watch']>().toEqualTypeOf(watch);
  expectTypeOf<Reactor['register']>().toEqualTypeOf(register);
  expectTypeOf<Reactor['notifyClosing']>().toEqualTypeOf(notifyClosing);
  expectTypeOf<Reactor['statistics']>().toEqualTypeOf<() => ReactorStatistics>();
  expectTypeOf(reactor.ref()).toEqualTypeOf<Reactor>();
  expectTypeOf(reactor.unref()).toEqualTypeOf<Reactor>();
  expectTypeOf<Reactor>().toExtend<Disposable>();
});

test('what is internal is not there', () => {
  expectTypeOf<Extract<keyof Reactor, 'attach' | 'detach' | 'keepAlive'>>().toBeNever();
  expectTypeOf<Extract<keyof Registration, 'abandon' | 'deliver' | 'edge'>>().toBeNever();
  expectTypeOf<Parameters<Reactor['register']>['length']>().toEqualTypeOf<3 | 4>();
});

test('statistics are counts and names', () => {
  expectTypeOf<ReactorStatistics>().toEqualTypeOf<{
    readonly backend: 'epoll' | 'kqueue' | 'poll' | 'select';
    readonly driver: 'uv' | 'thread';
    readonly waiting: number;
    readonly armed: number;
    readonly registrations: number;
  }>();
});

test("errors are Errors, with Node's properties", () => {
  expectTypeOf<SystemError>().toExtend<Error>();
  expectTypeOf<Pick<SystemError, 'code' | 'errno' | 'syscall'>>().toEqualTypeOf<{
    code: string;
    errno: number;
    syscall: string;
  }>();
  expectTypeOf<StateError>().toExtend<Error>();
  expectTypeOf<'ERR_CLOSED'>().toExtend<StateError['code']>();
});
