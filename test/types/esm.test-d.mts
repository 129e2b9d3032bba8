import type * as iomux from 'iomux';
import type * as required from 'iomux' with { 'resolution-mode': 'require' };
import type * as compatEpoll from 'iomux/compat/epoll';
import type * as requiredCompatEpoll from 'iomux/compat/epoll' with {
  'resolution-mode': 'require',
};
import type * as epoll from 'iomux/epoll';
import type * as requiredEpoll from 'iomux/epoll' with { 'resolution-mode': 'require' };
import type * as kqueue from 'iomux/kqueue';
import type * as requiredKqueue from 'iomux/kqueue' with { 'resolution-mode': 'require' };
import type * as net from 'iomux/net';
import type * as requiredNet from 'iomux/net' with { 'resolution-mode': 'require' };
import type * as select from 'iomux/select';
import type * as requiredSelect from 'iomux/select' with { 'resolution-mode': 'require' };
import type * as socket from 'iomux/socket';
import type * as requiredSocket from 'iomux/socket' with { 'resolution-mode': 'require' };
import { expectTypeOf, test } from 'vitest';

// Node gives a CommonJS module that is imported a default export: all of it.
type Named<Module> = Omit<Module, 'default'>;
type Alike<A, B> = [Named<A>, Named<B>] extends [Named<B>, Named<A>] ? true : false;

test('what is imported has the types of what is required', () => {
  expectTypeOf<Alike<typeof iomux, typeof required>>().toEqualTypeOf<true>();
  expectTypeOf<Alike<typeof compatEpoll, typeof requiredCompatEpoll>>().toEqualTypeOf<true>();
  expectTypeOf<Alike<typeof epoll, typeof requiredEpoll>>().toEqualTypeOf<true>();
  expectTypeOf<Alike<typeof kqueue, typeof requiredKqueue>>().toEqualTypeOf<true>();
  expectTypeOf<Alike<typeof net, typeof requiredNet>>().toEqualTypeOf<true>();
  expectTypeOf<Alike<typeof select, typeof requiredSelect>>().toEqualTypeOf<true>();
  expectTypeOf<Alike<typeof socket, typeof requiredSocket>>().toEqualTypeOf<true>();
});
