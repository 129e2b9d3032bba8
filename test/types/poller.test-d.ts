import {
  type Backend,
  type Interest,
  type Mode,
  type NotifyHandle,
  Poller,
  PRIORITY,
  READABLE,
  type ReadyEvent,
  type Source,
  WRITABLE,
} from 'iomux';
import { expectTypeOf, test } from 'vitest';

test('an interest is a number, and three constants of it have names', () => {
  expectTypeOf<Interest>().toEqualTypeOf<number>();
  expectTypeOf<typeof READABLE>().toEqualTypeOf<1>();
  expectTypeOf<typeof WRITABLE>().toEqualTypeOf<2>();
  expectTypeOf<typeof PRIORITY>().toEqualTypeOf<4>();
});

test('a source is a descriptor, or anything that has one', () => {
  expectTypeOf<Source>().toEqualTypeOf<number | { readonly fd: number }>();
  expectTypeOf(process.stdin).toExtend<Source>();
  expectTypeOf<Poller>().toExtend<Source>();
  expectTypeOf<string>().not.toExtend<Source>();
  expectTypeOf<{ fd: string }>().not.toExtend<Source>();
});

test('a mode and a backend are one of their names', () => {
  expectTypeOf<Mode>().toEqualTypeOf<'level' | 'edge' | 'oneshot'>();
  expectTypeOf<Backend>().toEqualTypeOf<'epoll' | 'kqueue' | 'poll' | 'select'>();
});

test('a poller has the methods of the contract', () => {
  interface Registering {
    mode?: Mode | undefined;
    token?: unknown;
  }
  expectTypeOf<ConstructorParameters<typeof Poller>[0]>().toEqualTypeOf<
    { backend?: Backend | 'auto' | undefined } | undefined
  >();
  expectTypeOf<Poller['backend']>().toEqualTypeOf<Backend>();
  expectTypeOf<Poller['fd']>().toEqualTypeOf<number>();
  expectTypeOf<Poller['closed']>().toEqualTypeOf<boolean>();
  expectTypeOf<Poller['add']>().toEqualTypeOf<
    (source: Source, interest: Interest, o?: Registering) => void
  >();
  expectTypeOf<Poller['modify']>().toEqualTypeOf<Poller['add']>();
  expectTypeOf<Poller['delete']>().toEqualTypeOf<(source: Source) => void>();
  expectTypeOf<Poller['wait']>().toEqualTypeOf<
    (o?: { timeout?: number | undefined; maxEvents?: number | undefined }) => ReadyEvent[]
  >();
  expectTypeOf<Poller['ready']>().returns.toEqualTypeOf<Promise<ReadyEvent[]>>();
  expectTypeOf<Poller['ready']>().toBeCallableWith({ signal: AbortSignal.timeout(1) });
  expectTypeOf<Poller['notify']>().toEqualTypeOf<() => void>();
  expectTypeOf<Poller['notifyHandle']>().toEqualTypeOf<NotifyHandle>();
  expectTypeOf(Poller.notify).toEqualTypeOf<(handle: NotifyHandle) => boolean>();
  expectTypeOf<Poller>().toExtend<Disposable>();
});

test('what the object says of itself cannot be written', () => {
  const poller = new Poller();
  // @ts-expect-error: read-only
  poller.backend = 'poll';
  // @ts-expect-error: read-only
  poller.fd = 1;
});

test('an event says what of whom', () => {
  expectTypeOf<ReadyEvent>().toEqualTypeOf<{
    readonly source: Source;
    readonly token: unknown;
    readonly readable: boolean;
    readonly writable: boolean;
    readonly priority: boolean;
    readonly hangup: boolean;
    readonly error: boolean;
  }>();
});

test('misuse does not compile', () => {
  const poller = new Poller({ backend: 'select' });
  // @ts-expect-error: no such backend
  new Poller({ backend: 'iocp' });
  // @ts-expect-error: no interest
  poller.add(0);
  // @ts-expect-error: no such mode
  poller.add(0, READABLE, { mode: 'always' });
  // @ts-expect-error: no descriptor
  poller.add('stdin', READABLE);
  // @ts-expect-error: promises take a signal, not a timeout
  void poller.ready({ timeout: 1 });
  // @ts-expect-error: a blocking call takes a timeout, not a signal
  poller.wait({ signal: AbortSignal.timeout(1) });
});
