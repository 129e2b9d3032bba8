import { once } from 'node:events';
import { type AddressInfo, connect as netConnect, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { toDuplex, type DuplexOptions, type SocketDuplex } from '../../lib/node';
import { fromNode } from '../io/peers';
import { tracked } from '../support/opened';

/** What both have in common; the suite uses nothing else. */
export type Subject = SocketDuplex;

export interface Pair {
  readonly duplex: Subject;
  /** A `net.Socket` that stays open when the other side has ended. */
  readonly peer: Socket;
}

/** Ours, and the one it has to behave like. */
export const subjects: readonly { name: string; open: (o?: DuplexOptions) => Promise<Pair> }[] = [
  { name: 'toDuplex', open: connected },
  { name: 'net.Socket', open: connectedByNode },
];

/** A connection made by libuv, with our end as a Duplex. */
export async function connected(
  o?: DuplexOptions,
): Promise<{ duplex: SocketDuplex; peer: Socket }> {
  const { stream, socket } = await fromNode();
  return { duplex: tracked(toDuplex(stream, o)), peer: socket };
}

async function connectedByNode(o?: DuplexOptions): Promise<Pair> {
  const server = tracked(createServer({ ...o, noDelay: true }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const peer = tracked(netConnect({ host: '127.0.0.1', port, allowHalfOpen: true }));
  const [[duplex]] = (await Promise.all([once(server, 'connection'), once(peer, 'connect')])) as [
    [Socket],
    unknown,
  ];
  return { duplex: tracked(duplex as unknown as Subject), peer };
}

/** Records what is emitted from now on, in order, with the codes of errors and the argument of `close`. */
export function recorded(emitter: Duplex, ...events: string[]): string[] {
  const found: string[] = [];
  for (const event of events) {
    emitter.on(event, (argument?: { code?: string } | boolean | null) => {
      const told = typeof argument === 'object' ? argument?.code : argument;
      found.push(told === undefined ? event : `${event} ${told}`);
    });
  }
  return found;
}

/** Resolves to the bytes when at least `count` have arrived; the listener stays. */
export function bytesOf(emitter: Duplex, count: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    emitter.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= count) resolve(Buffer.concat(chunks));
    });
  });
}

/** Resolves when it closes, with or without an error; must be called before that. */
export function closed(emitter: Duplex): Promise<void> {
  return new Promise((resolve) => emitter.on('close', () => resolve()));
}
