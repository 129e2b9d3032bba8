import type { Source } from 'iomux';
import * as epoll from 'iomux/epoll';
import { Epoll, type EpollEvent } from 'iomux/epoll';
import { type Kevent, type KeventInit, Kqueue } from 'iomux/kqueue';
import { poll, select } from 'iomux/select';
import { expectTypeOf, test } from 'vitest';

interface Blocking {
  timeout?: number;
  maxEvents?: number;
}

test('an epoll instance has the calls of the man page', () => {
  expectTypeOf(Epoll).constructorParameters.toEqualTypeOf<[]>();
  expectTypeOf(Epoll.fromFd).toEqualTypeOf<(fd: number) => Epoll>();
  expectTypeOf<Epoll['add']>().toEqualTypeOf<
    (source: Source, events: number, data?: number) => void
  >();
  expectTypeOf<Epoll['modify']>().toEqualTypeOf<Epoll['add']>();
  expectTypeOf<Epoll['delete']>().toEqualTypeOf<(source: Source) => void>();
  expectTypeOf<Epoll['wait']>().toEqualTypeOf<(o?: Blocking) => EpollEvent[]>();
  expectTypeOf<Epoll['ready']>().returns.toEqualTypeOf<Promise<EpollEvent[]>>();
  expectTypeOf<Epoll['ready']>().toBeCallableWith({ signal: AbortSignal.timeout(1), maxEvents: 1 });
  expectTypeOf<EpollEvent>().toEqualTypeOf<{ events: number; data: number }>();
  expectTypeOf<Epoll>().toExtend<Source & Disposable>();
});

test('every flag of epoll is a number that is known when compiling', () => {
  expectTypeOf<typeof epoll.EPOLLIN>().toEqualTypeOf<1>();
  expectTypeOf<typeof epoll.EPOLLET>().toEqualTypeOf<0x80000000>();
  expectTypeOf<Exclude<keyof typeof epoll, 'Epoll'>>().toExtend<`EPOLL${string}`>();
});

test('a kqueue has kevent, on every system', () => {
  expectTypeOf(Kqueue).constructorParameters.toEqualTypeOf<[]>();
  expectTypeOf(Kqueue.fromFd).toEqualTypeOf<(fd: number) => Kqueue>();
  expectTypeOf<Kqueue['kevent']>().toEqualTypeOf<
    (changes: Iterable<KeventInit>, o?: { maxEvents?: number; timeout?: number }) => Kevent[]
  >();
  expectTypeOf<Kqueue['ready']>().returns.toEqualTypeOf<Promise<Kevent[]>>();
  expectTypeOf<Kqueue>().toExtend<Source & Disposable>();
  expectTypeOf<KeventInit>().toEqualTypeOf<{
    ident: Source;
    filter: number;
    flags?: number;
    fflags?: number;
    data?: number;
    udata?: number;
  }>();
});

test('select takes iterables and hands back the sources', () => {
  for (const list of [0, 1, 2] as const) {
    expectTypeOf(select).parameter(list).toEqualTypeOf<Iterable<Source>>();
  }
  expectTypeOf(select).parameter(3).toEqualTypeOf<{ timeout?: number } | undefined>();
  expectTypeOf(select).returns.toEqualTypeOf<{
    readable: Source[];
    writable: Source[];
    exceptional: Source[];
  }>();
});

test('poll takes entries and hands back those with an answer', () => {
  expectTypeOf(poll).parameter(0).toEqualTypeOf<Iterable<{ source: Source; events: number }>>();
  expectTypeOf(poll).parameter(1).toEqualTypeOf<{ timeout?: number } | undefined>();
  expectTypeOf(poll).returns.toEqualTypeOf<{ source: Source; revents: number }[]>();
});
