import type { Abortable, Source, StateError } from 'iomux';
import {
  type Address,
  connect,
  Datagram,
  type DatagramDetails,
  type DrainOptions,
  type ConnectOptions,
  type FdOptions,
  type IncompleteError,
  type InternetAddress,
  type LimitOptions,
  listen,
  Listener,
  type ListenOptions,
  type PipeOptions,
  type ReceivedDatagram,
  type ReceivedInto,
  type SendFileOptions,
  type SendManyError,
  type ServeOptions,
  Stream,
  type TcpOptions,
  type UnixAddress,
  type UdpBindOptions,
  type UnixBindOptions,
  type UnixOptions,
} from 'iomux/net';
import { lookup } from 'node:dns';
import type { FileHandle } from 'node:fs/promises';
import { expectTypeOf, test } from 'vitest';

test('an option may be given as undefined, which is the same as not given', () => {
  const { HOST, INTERFACE: bindToDevice } = process.env;
  expectTypeOf(connect).toBeCallableWith({ host: HOST, port: 1, socketOptions: { bindToDevice } });
  expectTypeOf(listen).toBeCallableWith({ host: HOST, port: 1, socketOptions: { bindToDevice } });
  expectTypeOf(Datagram.bind).toBeCallableWith({ host: HOST, port: undefined });
});

test('connecting and listening are promises', () => {
  expectTypeOf(connect).toEqualTypeOf<(o: ConnectOptions, abort?: Abortable) => Promise<Stream>>();
  expectTypeOf(connect).toBeCallableWith({ port: 1 }, { signal: AbortSignal.timeout(1) });
  expectTypeOf<ConnectOptions>().toEqualTypeOf<TcpOptions | UnixOptions | FdOptions>();
  expectTypeOf(connect).toBeCallableWith({ path: '/run/server.sock' });
  expectTypeOf(connect).toBeCallableWith({ fd: 3 });
  expectTypeOf(connect).toBeCallableWith({ port: 1, family: 6, lookup, attemptDelay: 100 });
  // @ts-expect-error: there is no port
  void connect({ host: 'localhost' });
  // @ts-expect-error: a path is of a socket without a port
  void connect({ path: '/run/server.sock', port: 1 });
  // @ts-expect-error: there is no such family
  void connect({ port: 1, family: 5 });
  // @ts-expect-error: a port is a number
  void listen({ port: '80' });
  expectTypeOf(listen).toBeCallableWith({ path: '/run/x', mode: 0o600, backlog: 1 });
  expectTypeOf(listen).toBeCallableWith({ fd: 3, noDelay: false });
  // @ts-expect-error: one or the other
  void listen({ port: 80, path: '/run/x' });
  // @ts-expect-error: a socket that listens already has a backlog
  void listen({ fd: 3, backlog: 1 });
});

test('a stream reads into the buffer of the caller and writes bytes or text', () => {
  expectTypeOf<Stream['read']>().toEqualTypeOf<
    (into: Uint8Array, o?: Abortable) => Promise<number>
  >();
  expectTypeOf<Stream['tryRead']>().toEqualTypeOf<(into: Uint8Array) => number>();
  expectTypeOf<Stream['write']>().parameter(0).toEqualTypeOf<Uint8Array | string>();
  expectTypeOf<Stream['write']>().returns.toEqualTypeOf<Promise<void>>();
  expectTypeOf<Stream['tryWrite']>().toEqualTypeOf<(chunk: Uint8Array | string) => number>();
  expectTypeOf<Stream['writev']>().toEqualTypeOf<
    (chunks: Iterable<Uint8Array | string>) => Promise<void>
  >();
  expectTypeOf<Stream['writev']>().toBeCallableWith(new Set(['head', Buffer.of(1)]));
  expectTypeOf<Stream['shutdown']>().toEqualTypeOf<() => Promise<void>>();
  expectTypeOf<Stream['close']>().toEqualTypeOf<() => Promise<void>>();
  expectTypeOf<Stream['destroy']>().toEqualTypeOf<(reason?: Error) => void>();
  expectTypeOf<Stream>().toExtend<Source & AsyncDisposable>();
});

test('a stream reads what, how much and how far it is asked to', () => {
  expectTypeOf<Stream['readSome']>().toEqualTypeOf<
    (max?: number, o?: Abortable) => Promise<Buffer | null>
  >();
  expectTypeOf<Stream['readExactly']>().toEqualTypeOf<
    (count: number, o?: Abortable) => Promise<Buffer>
  >();
  expectTypeOf<Stream['readUntil']>().toBeCallableWith('\n');
  expectTypeOf<Stream['readUntil']>().toBeCallableWith(['\r\n', Buffer.of(10)] as const, {
    limit: 100,
    signal: AbortSignal.timeout(1),
  });
  expectTypeOf<Stream['readUntil']>().returns.toEqualTypeOf<Promise<Buffer>>();
  // @ts-expect-error: a separator is text or bytes
  expectTypeOf<Stream['readUntil']>().toBeCallableWith(10);
  expectTypeOf<Stream['readLine']>().toEqualTypeOf<(o?: LimitOptions) => Promise<string | null>>();
  expectTypeOf<Stream['readAll']>().toEqualTypeOf<(o?: LimitOptions) => Promise<Buffer>>();
  expectTypeOf<Stream['peek']>().toEqualTypeOf<
    (count?: number, o?: Abortable) => Promise<Buffer | null>
  >();
  expectTypeOf<Stream>().toExtend<AsyncIterable<Buffer>>();
  expectTypeOf<IncompleteError>().toExtend<StateError & { partial: Buffer }>();
});

test('a stream hands on what it receives, and sends files', () => {
  expectTypeOf<Stream['pipeTo']>().toEqualTypeOf<
    (destination: Stream, o?: PipeOptions) => Promise<number>
  >();
  expectTypeOf<PipeOptions>().toEqualTypeOf<{
    readonly end?: boolean | undefined;
    readonly signal?: AbortSignal | undefined;
  }>();
  expectTypeOf<Stream['sendFile']>().toEqualTypeOf<
    (source: Source, o?: SendFileOptions) => Promise<number>
  >();
  expectTypeOf<FileHandle>().toExtend<Source>();
  expectTypeOf<Stream['sendFile']>().toBeCallableWith(3, {
    offset: 100,
    length: 10,
    signal: AbortSignal.timeout(1),
  });
  // @ts-expect-error: a file is not opened by its name
  expectTypeOf<Stream['sendFile']>().toBeCallableWith('index.html');
});

test('streams and listeners are made by the package', () => {
  // @ts-expect-error: connect, accept and fromFd make them
  void new Stream();
  // @ts-expect-error: that is Stream.fromFd(3)
  void new Stream(3);
  // @ts-expect-error: listen makes them
  void new Listener();
  // @ts-expect-error: that is listen({ fd: 3 })
  void new Listener(3);
  // Which they are is asked all the same.
  expectTypeOf<InstanceType<typeof Stream>>().toEqualTypeOf<Stream>();
  expectTypeOf<InstanceType<typeof Listener>>().toEqualTypeOf<Listener>();
});

test('a stream takes over a descriptor by its number', () => {
  expectTypeOf(Stream.fromFd).toEqualTypeOf<(fd: number) => Stream>();
  // @ts-expect-error: the descriptor is handed over, and not the handle that has it
  expectTypeOf(Stream.fromFd).toBeCallableWith({ fd: 0 });
});

test('a stream says what it is and has done', () => {
  expectTypeOf<Stream['bytesRead']>().toEqualTypeOf<number>();
  expectTypeOf<Stream['bytesWritten']>().toEqualTypeOf<number>();
  expectTypeOf<Stream['localAddress']>().toEqualTypeOf<Address | null>();
  expectTypeOf<Stream['remoteAddress']>().toEqualTypeOf<Address | null>();
  // Whoever knows that it is TCP need not look at the family first.
  expectTypeOf<Address['port']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Address['path']>().toEqualTypeOf<string | undefined>();
});

test('a listener hands out streams: one, one after the other, or to a handler', () => {
  expectTypeOf<Listener['accept']>().toEqualTypeOf<(o?: Abortable) => Promise<Stream>>();
  expectTypeOf<Listener['tryAccept']>().toEqualTypeOf<() => Stream | null>();
  expectTypeOf<Listener>().toExtend<AsyncIterable<Stream>>();
  expectTypeOf<Listener['serve']>().toEqualTypeOf<
    (handler: (stream: Stream) => unknown, o?: ServeOptions) => Promise<void>
  >();
  expectTypeOf<Listener['address']>().toEqualTypeOf<Address | null>();
  expectTypeOf<Listener['close']>().toEqualTypeOf<{
    (): void;
    (o: DrainOptions): Promise<void>;
  }>();
  expectTypeOf<Listener['share']>().toEqualTypeOf<() => number>();
  expectTypeOf<Listener>().toExtend<Source & Disposable>();
});

test('a listener’s address is of the kind that it was asked to listen on', () => {
  expectTypeOf(listen({ port: 0 })).toEqualTypeOf<Promise<Listener<InternetAddress>>>();
  expectTypeOf(listen({ path: '/run/x' })).toEqualTypeOf<Promise<Listener<UnixAddress>>>();
  expectTypeOf(listen({ fd: 3 })).toEqualTypeOf<Promise<Listener>>();
  expectTypeOf(listen({} as ListenOptions)).toEqualTypeOf<Promise<Listener>>();
  expectTypeOf<Listener<InternetAddress>['address']>().toEqualTypeOf<InternetAddress>();
  expectTypeOf<Listener<UnixAddress>>().toExtend<Listener>();
  expectTypeOf<Listener>().not.toExtend<Listener<UnixAddress>>();
});

test('a datagram socket is bound or connected, over UDP or at a path', () => {
  expectTypeOf(Datagram.bind).toBeCallableWith();
  expectTypeOf(Datagram.bind).toBeCallableWith({ host: '::', port: 1, ipv6Only: true, lookup });
  expectTypeOf(Datagram.bind).toBeCallableWith({ path: '' }, { signal: AbortSignal.timeout(1) });
  expectTypeOf(Datagram.connect).toBeCallableWith({ port: 8125, family: 4, ttl: 1 });
  expectTypeOf(Datagram.connect).toBeCallableWith({ path: '/dev/log', localPath: '' });
  expectTypeOf(Datagram.bind()).toEqualTypeOf<Promise<Datagram<InternetAddress>>>();
  expectTypeOf(Datagram.bind({ path: '' })).toEqualTypeOf<Promise<Datagram<UnixAddress | null>>>();
  expectTypeOf(Datagram.bind({} as UdpBindOptions | UnixBindOptions)).toEqualTypeOf<
    Promise<Datagram>
  >();
  expectTypeOf(Datagram.connect({ port: 1 })).toEqualTypeOf<Promise<Datagram<InternetAddress>>>();
  expectTypeOf(Datagram.connect({ path: '/run/x' })).toEqualTypeOf<
    Promise<Datagram<UnixAddress | null>>
  >();
  expectTypeOf<Datagram<InternetAddress>>().toExtend<Datagram>();
  // @ts-expect-error: there is no port
  void Datagram.connect({ host: 'localhost' });
  // @ts-expect-error: a path has no port
  void Datagram.bind({ path: '/run/x', port: 1 });
  // @ts-expect-error: `bind` and `connect` make them
  void new Datagram();
  expectTypeOf<Datagram>().toExtend<Source & Disposable & AsyncIterable<ReceivedDatagram>>();
});

declare const socket: Datagram;
declare const udp: Datagram<InternetAddress>;

test('the addresses of a datagram socket are of the kind that it was opened with', () => {
  expectTypeOf(udp.localAddress).toEqualTypeOf<InternetAddress | null>();
  expectTypeOf(udp.remoteAddress).toEqualTypeOf<InternetAddress | null>();
  expectTypeOf(socket.localAddress).toEqualTypeOf<Address | null>();
});

test('datagrams are received with their sender, who can be answered', async () => {
  expectTypeOf(socket.receive()).toExtend<Promise<ReceivedDatagram>>();
  expectTypeOf(socket.receive(Buffer.alloc(1))).toExtend<Promise<ReceivedInto>>();
  expectTypeOf(socket.receiveMany({ max: 1 })).toExtend<Promise<ReceivedDatagram[]>>();
  expectTypeOf(socket.tryReceive()).toExtend<ReceivedDatagram | null>();
  expectTypeOf(socket.tryReceive(Buffer.alloc(1))).toExtend<ReceivedInto | null>();
  expectTypeOf<ReceivedDatagram['data']>().toEqualTypeOf<Buffer>();
  expectTypeOf<ReceivedInto['length']>().toEqualTypeOf<number>();
  expectTypeOf<ReceivedDatagram['address']>().toEqualTypeOf<Address | null>();
  expectTypeOf<ReceivedDatagram['details']>().toEqualTypeOf<DatagramDetails | undefined>();
  expectTypeOf(socket.send).toBeCallableWith('x', {} as Address);
  // @ts-expect-error: the sender may be a Unix socket without a name
  await socket.send('x', (await socket.receive()).address);
});

test('datagrams over UDP have a sender with a port', async () => {
  for await (const { address } of udp) expectTypeOf(address).toEqualTypeOf<InternetAddress>();
  const [one] = await udp.receiveMany();
  expectTypeOf(one.address.port).toEqualTypeOf<number>();
  expectTypeOf(udp.tryReceive()?.address.port).toEqualTypeOf<number | undefined>();
  await udp.send('x', (await udp.receive()).address);
  await udp.send('x', (await udp.receive(Buffer.alloc(1))).address);
});

test('datagrams are sent as bytes or text, with a header or without', () => {
  expectTypeOf(socket.send).toBeCallableWith(new Uint8Array(1));
  expectTypeOf(socket.send).toBeCallableWith('x', { path: '/dev/log' });
  expectTypeOf(socket.send).toBeCallableWith('x', undefined, { ttl: 1, interface: 'lo' });
  expectTypeOf(socket.sendMany).toBeCallableWith(['x', Buffer.alloc(1), { data: 'y', tos: 1 }]);
  expectTypeOf(socket.sendMany).returns.toEqualTypeOf<Promise<void>>();
  expectTypeOf(socket.trySend).returns.toEqualTypeOf<boolean>();
  expectTypeOf<SendManyError['sent']>().toEqualTypeOf<number>();
  // @ts-expect-error: an address has a port
  void socket.send('x', { address: '127.0.0.1' });
  expectTypeOf(socket.configure({ broadcast: true }).join('239.0.0.1')).toEqualTypeOf<Datagram>();
});
