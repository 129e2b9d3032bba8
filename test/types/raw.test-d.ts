import type { Source } from 'iomux';
import * as epoll from 'iomux/epoll';
import { Epoll, type EpollEvent } from 'iomux/epoll';
import { type Kevent, type KeventInit, Kqueue } from 'iomux/kqueue';
import { poll, select } from 'iomux/select';
import { expectTypeOf, test } from 'vitest';

declare const fd: number;

interface Blocking {
  timeout?: number | undefined;
  maxEvents?: number | undefined;
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
    (
      changes: Iterable<KeventInit>,
      o?: { maxEvents?: number | undefined; timeout?: number | undefined },
    ) => Kevent[]
  >();
  expectTypeOf<Kqueue['ready']>().returns.toEqualTypeOf<Promise<Kevent[]>>();
  expectTypeOf<Kqueue>().toExtend<Source & Disposable>();
  expectTypeOf<KeventInit>().toEqualTypeOf<{
    ident: Source;
    filter: number;
    flags?: number | undefined;
    fflags?: number | undefined;
    data?: number | undefined;
    udata?: number | undefined;
  }>();
});

test('select takes iterables and hands back the sources, of the types that they have', () => {
  expectTypeOf(select).parameter(3).toEqualTypeOf<{ timeout?: number | undefined } | undefined>();
  const handle = { fd, name: 'one' };
  expectTypeOf(select(new Set([handle]), [fd, handle], [fd])).toEqualTypeOf<{
    readable: (typeof handle)[];
    writable: (number | typeof handle)[];
    exceptional: number[];
  }>();
  expectTypeOf(select<Source, Source, Source>)
    .parameter(0)
    .toEqualTypeOf<Iterable<Source>>();
  // @ts-expect-error has no descriptor
  select([{}], [], []);
});

test('poll takes entries and hands back those with an answer', () => {
  expectTypeOf(poll).parameter(1).toEqualTypeOf<{ timeout?: number | undefined } | undefined>();
  const handle = { fd: 1, name: 'one' };
  expectTypeOf(poll([{ source: handle, events: 1 }])).toEqualTypeOf<
    { source: typeof handle; revents: number }[]
  >();
  const mixed = [
    { source: handle, events: 1 },
    { source: 1, events: 1 },
  ];
  expectTypeOf(poll(mixed)[0].source).toEqualTypeOf<number | typeof handle>();
  // @ts-expect-error has no events
  poll([{ source: handle }]);
});
