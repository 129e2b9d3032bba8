import type { Stream } from 'iomux/net';
import {
  type DuplexOptions,
  type DuplexStream,
  fromDuplex,
  type SocketDuplex,
  type StreamMethods,
  toDuplex,
  toWeb,
} from 'iomux/node';
import type { Duplex } from 'node:stream';
import type { ReadableStream, WritableStream } from 'node:stream/web';
import { expectTypeOf, test } from 'vitest';

test('a stream, or a promise of one, becomes a Duplex', () => {
  expectTypeOf(toDuplex).toEqualTypeOf<
    (stream: Stream | PromiseLike<Stream>, o?: DuplexOptions) => SocketDuplex
  >();
  expectTypeOf<SocketDuplex>().toExtend<Duplex>();
  expectTypeOf<DuplexOptions>().toEqualTypeOf<{ readonly allowHalfOpen?: boolean | undefined }>();
});

test('a Duplex has what a net.Socket has', () => {
  expectTypeOf<SocketDuplex['remoteAddress']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<SocketDuplex['timeout']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<SocketDuplex['setKeepAlive']>().toBeCallableWith(true, 1000);
  expectTypeOf<SocketDuplex['resetAndDestroy']>().toBeCallableWith();
});

test('a Duplex becomes a stream, but for what needs a descriptor', () => {
  expectTypeOf(fromDuplex).toEqualTypeOf<(duplex: Duplex) => DuplexStream>();
  expectTypeOf<DuplexStream>().toExtend<StreamMethods & AsyncDisposable & AsyncIterable<Buffer>>();
  expectTypeOf<Stream>().toExtend<StreamMethods>();
  expectTypeOf<DuplexStream['readLine']>().returns.toEqualTypeOf<Promise<string | null>>();
  expectTypeOf<DuplexStream['write']>().toBeCallableWith('text', 1, 2);
  // @ts-expect-error: it has none
  expectTypeOf<DuplexStream['fd']>().toEqualTypeOf<number>();
});

test('a stream becomes two of the web', () => {
  const { readable, writable } = toWeb({} as never);
  expectTypeOf(readable).toEqualTypeOf<ReadableStream<Uint8Array>>();
  expectTypeOf(writable).toEqualTypeOf<WritableStream<Uint8Array | string>>();
});
