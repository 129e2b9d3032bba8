import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { connect as netConnect } from 'node:net';
import type { Listener, Stream } from '../../lib/net';
import { descriptors } from '../support/descriptors';
import { tracked } from '../support/opened';
import { listening, pattern } from './peers';

async function echo(stream: Stream): Promise<void> {
  const buffer = Buffer.allocUnsafe(65536);
  for (let n = await stream.read(buffer); n > 0; n = await stream.read(buffer)) {
    await stream.write(buffer, 0, n);
  }
}

/** The same without promises on the way of the data: what the kernel does not take is kept. */
async function echoByTrying(stream: Stream): Promise<void> {
  const { readable, writable } = await import('../../lib/index');
  const buffer = Buffer.allocUnsafe(65536);
  for (;;) {
    const count = stream.tryRead(buffer);
    if (count === 0) return;
    if (count < 0) await readable(stream);
    for (let sent = 0; sent < count;) {
      const taken = stream.tryWrite(buffer.subarray(sent, count));
      if (taken < 0) await writable(stream);
      else sent += taken;
    }
  }
}

const servers: Record<string, (listener: Listener) => Promise<void>> = {
  serve: (listener) => listener.serve(echo),
  'serve, with buffers that are far too small': (listener) =>
    listener.serve((stream) => {
      descriptors.setBuffer(stream.fd, true, 1);
      return echo(stream);
    }),
  'for await': async (listener) => {
    for await (const stream of listener) void echo(stream).finally(() => stream.close());
  },
  'tryRead and tryWrite': (listener) => listener.serve(echoByTrying),
};

// Sends odd pieces from one thread, and compares what comes back in another.
const PYTHON = `
import hashlib, socket, sys, threading
peer = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
data = bytes((i * 31 + (i >> 8)) & 255 for i in range(1 << 20))
def send():
    offset, size = 0, 1
    while offset < len(data):
        peer.sendall(data[offset:offset + size])
        offset += size
        size = size * 7 % 60013 + 1
    peer.shutdown(socket.SHUT_WR)
threading.Thread(target=send).start()
received = b''
while chunk := peer.recv(4096):
    received += chunk
assert hashlib.sha256(received).digest() == hashlib.sha256(data).digest(), len(received)
`;

describe.each(Object.keys(servers))('an echo server with %s', (kind) => {
  test('gives back what node:net sends, to many at once', async () => {
    const { listener, port } = await listening();
    const serving = servers[kind](listener);
    const bytes = pattern(200_000);
    const clients = Array.from({ length: 10 }, async () => {
      const socket = tracked(netConnect({ port, host: '127.0.0.1', allowHalfOpen: true }));
      const received: Buffer[] = [];
      socket.on('data', (chunk) => received.push(chunk));
      socket.end(bytes);
      await once(socket, 'end');
      return Buffer.concat(received).equals(bytes);
    });
    expect(await Promise.all(clients)).toEqual(Array.from({ length: 10 }, () => true));
    listener.close();
    await serving;
  });

  test('gives back what Python’s socket sends in odd pieces', async () => {
    const { listener, port } = await listening();
    const serving = servers[kind](listener);
    const python = spawn('python3', ['-c', PYTHON, String(port)]);
    let complaint = '';
    python.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaint += chunk));
    const [code] = (await once(python, 'close')) as [number | null];
    expect(complaint).toBe('');
    expect(code).toBe(0);
    listener.close();
    await serving;
  });
});
