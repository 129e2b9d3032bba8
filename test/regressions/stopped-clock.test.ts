import { once } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Poller, READABLE, Timer } from '../../lib/index';
import { connect, listen, Stream } from '../../lib/net';
import { connector } from '../../lib/node';
import { silent } from '../io/loopback';
import { connected } from '../node/duplex';
import { inChild } from '../support/child';
import { descriptors, pipe } from '../support/descriptors';
import { tracked } from '../support/opened';

// A program that replaces its clock by a fake one, as tests do, must not stop our own timers and immediates, nor
// change the timeouts that are passed to the kernel.

/** More than is returned without a turn of the event loop. */
const MANY = 100;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('a stream goes on when others have had their turn', async () => {
  const [reader, writer] = descriptors.pipe().map((fd) => tracked(Stream.fromFd(fd)));
  await writer.write(Buffer.alloc(MANY));
  for (let i = 0; i < MANY; i++) expect(await reader.readExactly(1)).toHaveLength(1);
});

test('a timer expires again and again', async () => {
  using timer = new Timer({ every: 1 });
  for (let i = 0; i < MANY; i++) expect(await timer.wait()).toBeGreaterThan(0);
});

test('a listener accepts everybody', async () => {
  const listener = tracked(await listen({ host: '127.0.0.1', port: 0 }));
  const { port } = listener.address as { port: number };
  let accepted = 0;
  const serving = listener.serve(() => void accepted++);
  const dials = Array.from({ length: MANY }, () => connect({ host: '127.0.0.1', port }));
  for (const stream of await Promise.all(dials)) tracked(stream);
  for (let turn = 0; accepted < MANY && turn < 1000; turn++) await connectOnce(port);
  expect(accepted).toBeGreaterThanOrEqual(MANY);
  listener.close();
  await serving;
});

test('a Duplex receives everything', async () => {
  vi.useFakeTimers({ toFake: ['setImmediate', 'setTimeout', 'queueMicrotask'] });
  const { duplex, peer } = await connected();
  peer.end(Buffer.alloc(1 << 20));
  let received = 0;
  duplex.on('data', (chunk: Buffer) => (received += chunk.length));
  await once(duplex, 'end');
  expect(received).toBe(1 << 20);
});

test('a Duplex says that nothing has happened, and a connector gives up', async () => {
  const { duplex } = await connected();
  await once(duplex.setTimeout(10), 'timeout');
  const { port } = await silent('127.0.0.1');
  const error = await new Promise((resolve) => {
    const target = { hostname: '127.0.0.1', protocol: 'http:', port: String(port) };
    connector({ timeout: 10 })(target, (...[problem]) => resolve(problem));
  });
  expect(error).toMatchObject({ code: 'ETIMEDOUT' });
});

test('a wait ends in time', () => {
  const [reader] = pipe();
  using poller = new Poller();
  poller.add(reader, READABLE);
  expect(poller.wait({ timeout: 20 })).toEqual([]);
});

test('a long wait of a Worker ends in time', async () => {
  const outcome = await inChild(({ startWorker }) => {
    const worker = startWorker(({ epoll }) => {
      performance.now = () => 0;
      return new epoll.Epoll().wait({ timeout: 250 }).length;
    });
    return new Promise((resolve) => worker.once('message', resolve));
  });
  expect(outcome).toMatchObject({ result: 0, code: 0, late: false });
});

async function connectOnce(port: number): Promise<void> {
  (await connect({ host: '127.0.0.1', port })).destroy();
}
