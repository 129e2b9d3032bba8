import { expect, test } from 'vitest';
import { listen } from '../../lib/net';
import { ended, inChild, type Tools } from '../support/child';
import { checkForLeaks } from '../support/descriptors';

/** `npm run test:stress` asks for more of both. */
const OPEN = Number(process.env['IOMUX_TEST_OPEN'] ?? 1_000);
const IN_TURN = Number(process.env['IOMUX_TEST_IN_TURN'] ?? 4_000);
const LONG = 300_000;

checkForLeaks();

/**
 * Opens connections with node:net and keeps them, then sends over each what no other sends, and counts the
 * answers that are right.
 */
async function talk(_: Tools, { port, count }: { port: number; count: number }): Promise<number[]> {
  const ROUNDS = 3;
  // More would overflow the backlog, and TCP would wait a second before it tries again.
  const AT_A_TIME = 100;
  const net = require('node:net') as typeof import('node:net');
  const { once } = require('node:events') as typeof import('node:events');
  const sockets: import('node:net').Socket[] = [];
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(AT_A_TIME, count - sockets.length) }, () =>
      net.connect({ port, host: '127.0.0.1', noDelay: true }),
    );
    await Promise.all(some.map((socket) => once(socket, 'connect')));
    sockets.push(...some);
  }
  const right = Array.from({ length: ROUNDS }, () => 0);
  const converse = async (socket: import('node:net').Socket, index: number): Promise<void> => {
    for (let round = 0; round < ROUNDS; round++) {
      const message = `${round}:${index} `.repeat(1 + ((index * 31 + round) % 97));
      let answer = '';
      socket.write(message);
      while (answer.length < message.length) answer += String((await once(socket, 'data'))[0]);
      if (answer === message) right[round] = (right[round] ?? 0) + 1;
    }
  };
  await Promise.all(sockets.map(converse));
  for (const socket of sockets) socket.end();
  await Promise.all(sockets.map((socket) => once(socket, 'close')));
  return right;
}

test(
  `${OPEN} connections that are open at once get back what they send`,
  async () => {
    const listener = await listen({ host: '127.0.0.1', port: 0 });
    let open = 0;
    let mostOpen = 0;
    const serving = listener.serve(async (stream) => {
      mostOpen = Math.max(mostOpen, ++open);
      const buffer = Buffer.allocUnsafe(1024);
      for (let n; (n = await stream.read(buffer)) > 0;) await stream.write(buffer, 0, n);
      open--;
    });
    const argument = { port: listener.address.port, count: OPEN };
    const outcome = await inChild(talk, { argument, deadline: LONG });
    expect(outcome).toEqual({ ...ended, result: [OPEN, OPEN, OPEN] });
    expect({ open, mostOpen }).toEqual({ open: 0, mostOpen: OPEN });
    listener.close();
    await serving;
  },
  LONG,
);

interface Left {
  readonly descriptors: number;
  readonly waiting: number;
  /** Bytes of the process, and of what JavaScript can reach. */
  readonly resident: number;
  readonly reachable: number;
}

/**
 * Makes and closes connections, some at a time, and returns what is left of them after a quarter and at the
 * end.
 */
async function connectInTurn(
  { iomux, net, openDescriptors, collect }: Tools,
  count: number,
): Promise<{ accepted: number; before: Left; after: Left }> {
  const AT_A_TIME = 50;
  const listener = await net.listen({ host: '0.0.0.0', port: 0 });
  const port = listener.address.port;
  let accepted = 0;
  let open = 0;
  const serving = listener.serve(async (stream) => {
    accepted++;
    open++;
    const buffer = Buffer.allocUnsafe(16);
    for (let n; (n = await stream.read(buffer)) > 0;) await stream.write(buffer, 0, n);
    await stream.close();
    open--;
  });
  let connected = 0;
  const connectUntil = async (total: number): Promise<void> => {
    while (connected < total) {
      // A port stays in TIME_WAIT for a minute: one address would run out of them.
      const host = `127.0.0.${1 + (connected++ % 16)}`;
      const stream = await net.connect({ host, port });
      await stream.write('ball');
      await stream.read(Buffer.allocUnsafe(16));
      await stream.close();
    }
  };
  const lookAt = async (total: number): Promise<Left> => {
    await Promise.all(Array.from({ length: AT_A_TIME }, () => connectUntil(total)));
    while (open > 0) await new Promise((resolve) => setImmediate(resolve));
    await collect();
    const { rss, heapUsed, external } = process.memoryUsage();
    return {
      descriptors: openDescriptors(),
      waiting: iomux.reactor.statistics().waiting,
      resident: rss,
      reachable: heapUsed + external,
    };
  };
  const before = await lookAt(count / 4);
  const after = await lookAt(count);
  listener.close();
  await serving;
  return { accepted, before, after };
}

test(
  `${IN_TURN} connections are made, accepted and closed, and nothing is left of them`,
  async () => {
    const flags = ['--expose-gc'];
    const outcome = await inChild(connectInTurn, { argument: IN_TURN, flags, deadline: LONG });
    expect(outcome).toMatchObject({ ...ended, result: { accepted: IN_TURN } });
    const { before, after } = outcome.result as Awaited<ReturnType<typeof connectInTurn>>;
    expect(after).toMatchObject({ descriptors: before.descriptors, waiting: before.waiting });
    expect(after.reachable - before.reachable).toBeLessThan(1024 * 1024);
    // With fewer connections, the heap of V8 is still growing to its usual size.
    const most = IN_TURN < 100_000 ? 32 : 16;
    expect(after.resident - before.resident).toBeLessThan(most * 1024 * 1024);
  },
  LONG,
);
