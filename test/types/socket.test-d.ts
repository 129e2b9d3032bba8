import type { Abortable, Source } from 'iomux';
import type { Listener, Stream } from 'iomux/net';
import {
  AF_INET,
  AF_NETLINK,
  type ControlMessage,
  type Credentials,
  type KeepAlive,
  Message,
  SOCK_RAW,
  Socket,
  type SocketAddress,
  TCP_NODELAY,
} from 'iomux/socket';
import { expectTypeOf, test } from 'vitest';

test('constants are numbers, or may be missing', () => {
  expectTypeOf(AF_INET).toEqualTypeOf<number>();
  expectTypeOf(AF_NETLINK).toEqualTypeOf<number | undefined>();
  // Those that may be missing are taken as they are: that is looked at when the program runs.
  expectTypeOf(Socket).toBeConstructibleWith(AF_NETLINK, SOCK_RAW, 0);
});

test('what waits is a promise and takes a signal, what does not is none', () => {
  expectTypeOf<Socket['accept']>().toEqualTypeOf<(o?: Abortable) => Promise<Socket>>();
  expectTypeOf<Socket['connect']>().toEqualTypeOf<
    (address: SocketAddress, o?: Abortable) => Promise<void>
  >();
  expectTypeOf<Socket['send']>().parameter(0).toEqualTypeOf<Uint8Array | string>();
  expectTypeOf<Socket['receive']>().returns.toEqualTypeOf<Promise<number>>();
  expectTypeOf<Socket['receiveFrom']>().returns.toEqualTypeOf<Promise<Message>>();
  expectTypeOf<Socket['receiveMessage']>().returns.toEqualTypeOf<Promise<Message>>();
  expectTypeOf<Socket['bind']>().toEqualTypeOf<(address: SocketAddress) => void>();
  expectTypeOf<Socket['detach']>().toEqualTypeOf<() => number>();
  expectTypeOf<Socket>().toExtend<Source & Disposable>();
  expectTypeOf(Socket.pair).returns.toEqualTypeOf<[Socket, Socket]>();
});

test('a message says what came', () => {
  expectTypeOf<Message['length']>().toEqualTypeOf<number>();
  expectTypeOf<Message['address']>().toEqualTypeOf<SocketAddress | null>();
  expectTypeOf<Message['descriptors']>().toEqualTypeOf<readonly number[]>();
  // What came can be sent.
  expectTypeOf<Message['control'][number]>().toExtend<ControlMessage>();
  // @ts-expect-error: receiveFrom and receiveMessage make them
  void new Message();
});

test('addresses are told apart by their families', (address: SocketAddress) => {
  if (address.family === 'netlink') expectTypeOf(address.groups).toEqualTypeOf<number>();
  if (address.family === 'can') expectTypeOf(address.interface).toEqualTypeOf<string>();
  if (address.family === 'vsock') expectTypeOf(address.cid).toEqualTypeOf<number>();
  expectTypeOf(new Socket(1, 2).sendTo).toBeCallableWith('x', { path: '/tmp/x' });
  // @ts-expect-error: there is no such family
  void new Socket(1, 2).connect({ family: 'decnet', port: 1 });
});

test('options have the types of their names, on whatever is a socket', (stream: Stream) => {
  expectTypeOf(stream.getOption('noDelay')).toEqualTypeOf<boolean>();
  expectTypeOf(stream.getOption('keepAlive')).toEqualTypeOf<false | Required<KeepAlive>>();
  expectTypeOf(stream.getOption('linger')).toEqualTypeOf<number | false>();
  expectTypeOf(stream.getOption('bindToDevice')).toEqualTypeOf<string>();
  expectTypeOf(stream.getOption(6, TCP_NODELAY)).toEqualTypeOf<number>();
  expectTypeOf(stream.getOption(6, TCP_NODELAY, 4)).toEqualTypeOf<Buffer>();
  expectTypeOf(stream.setOption('keepAlive', { idle: 1000 })).toEqualTypeOf<Stream>();
  expectTypeOf<Listener>().toHaveProperty('setOption');
  expectTypeOf<Socket['peerCredentials']>().toEqualTypeOf<Credentials | null>();
  // @ts-expect-error: it is a flag
  stream.setOption('noDelay', 1);
  // @ts-expect-error: there is no such option
  stream.getOption('nagle');
});
