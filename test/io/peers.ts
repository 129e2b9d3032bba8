import { once } from 'node:events';
import { type AddressInfo, connect as netConnect, createServer, type Socket } from 'node:net';
import { connect, listen, type Listener, type Stream } from '../../lib/net';
import { tracked } from '../support/opened';

export async function listening(): Promise<{ listener: Listener; port: number }> {
  const listener = tracked(await listen({ host: '127.0.0.1', port: 0 }));
  return { listener, port: listener.address.port };
}

/** Both ends of a connection, ours. */
export async function pair(): Promise<{ ours: Stream; theirs: Stream }> {
  const { listener, port } = await listening();
  const [ours, theirs] = await Promise.all([
    connect({ host: '127.0.0.1', port }),
    listener.accept(),
  ]);
  return { ours: tracked(ours), theirs: tracked(theirs) };
}

/** A connection that libuv has accepted. */
export async function toNode(): Promise<{ stream: Stream; socket: Socket }> {
  const server = tracked(createServer({ allowHalfOpen: true }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [stream, [socket]] = await Promise.all([
    connect({ host: '127.0.0.1', port }),
    once(server, 'connection') as Promise<[Socket]>,
  ]);
  return { stream: tracked(stream), socket: tracked(socket) };
}

/** A connection that libuv has made. */
export async function fromNode(): Promise<{ stream: Stream; socket: Socket }> {
  const { listener, port } = await listening();
  const socket = tracked(netConnect({ host: '127.0.0.1', port, allowHalfOpen: true }));
  const [stream] = await Promise.all([listener.accept(), once(socket, 'connect')]);
  return { stream: tracked(stream), socket };
}

/** Reads so many bytes; what has come when the stream ends before. */
export async function readBytes(stream: Stream, count: number): Promise<Buffer> {
  const bytes = Buffer.alloc(count);
  let offset = 0;
  while (offset < count) {
    const read = await stream.read(bytes.subarray(offset));
    if (read === 0) break;
    offset += read;
  }
  return bytes.subarray(0, offset);
}

/** Reads until the stream ends. */
export async function readAll(stream: Stream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.alloc(65536);
    const count = await stream.read(chunk);
    if (count === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
  }
}

const PERIOD = Uint8Array.from({ length: 65_536 }, (_, i) => i * 31 + (i >> 8));

/** Bytes that differ from one place to the next. */
export function pattern(length: number): Buffer {
  return Buffer.alloc(length, PERIOD);
}
