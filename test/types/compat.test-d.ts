import { Epoll } from 'iomux/compat/epoll';
import { expectTypeOf, test } from 'vitest';

test("the class of npm's epoll has its calls and flags", () => {
  expectTypeOf(Epoll).constructorParameters.toEqualTypeOf<
    [callback: (error: Error | null, fd: number, events: number) => void]
  >();
  expectTypeOf(Epoll).toBeConstructibleWith(() => undefined);
  expectTypeOf<Epoll['add']>().parameters.toEqualTypeOf<[fd: number, events: number]>();
  expectTypeOf<Epoll['modify']>().parameters.toEqualTypeOf<[fd: number, events: number]>();
  expectTypeOf<Epoll['remove']>().parameters.toEqualTypeOf<[fd: number]>();
  expectTypeOf<ReturnType<Epoll['add']>>().toEqualTypeOf<Epoll>();
  expectTypeOf<Epoll['close']>().toEqualTypeOf<() => null>();
  expectTypeOf<Epoll['closed']>().toEqualTypeOf<boolean>();
  expectTypeOf<Exclude<keyof typeof Epoll, 'prototype'>>().toExtend<`EPOLL${string}`>();
  expectTypeOf<typeof Epoll.EPOLLPRI>().toEqualTypeOf<2>();
});
