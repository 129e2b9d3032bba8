import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { connect, listen } from '../../lib/net';
import { openDescriptors } from '../support/descriptors';
import { afterTurns, PENDING } from '../support/turns';
import { freePort, resolving, silent } from './loopback';
import { tracked } from '../support/opened';

/** Longer than any test. */
const NEVER = 2 ** 31 - 1;
const host = 'a.name.of.the.test';

async function untilOpen(count: number): Promise<void> {
  while (openDescriptors().length < count) await new Promise((resolve) => setImmediate(resolve));
}

describe('connect to a name with several addresses', () => {
  test('tries the next one as soon as the one before has failed', async () => {
    const listener = tracked(await listen({ host: '::1', port: 0 }));
    const port = listener.address.port;
    const lookup = resolving('127.0.0.1', '::1');
    const stream = await connect({ host, port, lookup, attemptDelay: NEVER });
    expect(tracked(stream).remoteAddress?.address).toBe('::1');
  });

  test('reaches a server of Node’s that listens on one of them', async () => {
    const server = tracked(createServer((socket) => socket.end('hello')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const stream = tracked(await connect({ host, port, lookup: resolving('::1', '127.0.0.1') }));
    const buffer = Buffer.alloc(10);
    expect(buffer.toString('utf8', 0, await stream.read(buffer))).toBe('hello');
  });

  test('rejects with the errors of all when all have failed, in the order of the attempts', async () => {
    const port = await freePort();
    const before = openDescriptors().length;
    const lookup = resolving('::1', '::ffff:127.0.0.1', '127.0.0.1');
    const error = await connect({ host, port, lookup }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AggregateError);
    // The families take turns.
    const tried = ['::1', '127.0.0.1', '::ffff:127.0.0.1'];
    const messages = tried.map((one) => `ECONNREFUSED: connection refused, connect ${one}:${port}`);
    expect(error).toMatchObject({
      name: 'AggregateError',
      code: 'ECONNREFUSED',
      message: messages.join('; '),
      errors: tried.map((address, i) => ({
        message: messages[i],
        code: 'ECONNREFUSED',
        syscall: 'connect',
        address,
        port,
      })),
    });
    expect((error as Error).stack).toContain(__filename);
    expect(openDescriptors()).toHaveLength(before);
  });

  test('goes on behind an address of an interface that there is not, and tells of it', async () => {
    const listener = tracked(await listen({ host: '127.0.0.1', port: 0 }));
    const port = listener.address.port;
    const address = 'fe80::1%no.such.zone';
    const lookup = resolving(address, '127.0.0.1');
    const stream = await connect({ host, port, lookup, attemptDelay: NEVER });
    expect(tracked(stream).remoteAddress?.address).toBe('127.0.0.1');
    await expect(connect({ host, port: await freePort(), lookup })).rejects.toMatchObject({
      errors: [
        { code: 'ERR_INVALID_ARG_VALUE', message: expect.stringContaining(address) as string },
        { code: 'ECONNREFUSED', address: '127.0.0.1' },
      ],
    });
  });

  test('that has one address rejects with its error alone', async () => {
    const port = await freePort();
    const error = await connect({ host, port, lookup: resolving('127.0.0.1') }).catch(
      (reason: unknown) => reason,
    );
    expect(error).not.toBeInstanceOf(AggregateError);
    expect(error).toMatchObject({ code: 'ECONNREFUSED', address: '127.0.0.1', port });
    expect((error as Error).stack).toContain(__filename);
  });

  test('tries an address once that the resolver answers twice', async () => {
    const port = await freePort();
    const lookup = resolving('127.0.0.1', '127.0.0.1');
    const error = await connect({ host, port, lookup }).catch((reason: unknown) => reason);
    expect(error).not.toBeInstanceOf(AggregateError);
  });
});

describe.runIf(process.platform === 'linux')('where the first address does not answer', () => {
  test('the next one is tried after the delay, and the first is closed when that wins', async () => {
    const { port } = await silent('127.0.0.1');
    const listener = tracked(await listen({ host: '::1', port }));
    const before = openDescriptors().length;
    const begun = performance.now();
    const lookup = resolving('127.0.0.1', '::1');
    const stream = tracked(await connect({ host, port, lookup, attemptDelay: 50 }));
    // Timers count whole milliseconds from the start of the turn of the event loop.
    expect(performance.now() - begun).toBeGreaterThanOrEqual(48);
    expect(stream.remoteAddress?.address).toBe('::1');
    tracked(await listener.accept());
    expect(openDescriptors()).toHaveLength(before + 2);
  });

  test('the next one is not tried before the delay', async () => {
    const { port } = await silent('127.0.0.1');
    const listener = tracked(await listen({ host: '::1', port }));
    const controller = new AbortController();
    const { signal } = controller;
    const lookup = resolving('127.0.0.1', '::1');
    const connecting = connect({ host, port, lookup, attemptDelay: NEVER }, { signal });
    const accepting = listener.accept({ signal });
    expect(await afterTurns(Promise.race([connecting, accepting]))).toBe(PENDING);
    controller.abort(new Error('enough'));
    await expect(connecting).rejects.toThrow('enough');
    await expect(accepting).rejects.toThrow('enough');
  });

  test('the first still wins when it answers before the others', async () => {
    const { listener, port } = await silent('127.0.0.1');
    await silent('::1', port);
    const before = openDescriptors().length;
    const lookup = resolving('127.0.0.1', '::1');
    const connecting = connect({ host, port, lookup, attemptDelay: 10 });
    await untilOpen(before + 2);
    // There is room now, and the system knocks again after a second.
    tracked(await listener.accept());
    expect(tracked(await connecting).remoteAddress?.address).toBe('127.0.0.1');
    expect(openDescriptors()).toHaveLength(before + 2);
  });

  test('one that fails later does not end the others', async () => {
    const { listener, port } = await silent('127.0.0.1');
    const before = openDescriptors().length;
    // The second is refused immediately, and the third is not answered.
    await silent('127.0.0.2', port);
    const lookup = resolving('127.0.0.1', '127.0.0.3', '127.0.0.2');
    const connecting = connect({ host, port, lookup, attemptDelay: 10 });
    await untilOpen(before + 2 + 2);
    tracked(await listener.accept());
    expect(tracked(await connecting).remoteAddress?.address).toBe('127.0.0.1');
  });

  test('aborting closes every attempt that is under way', async () => {
    const { port } = await silent('127.0.0.1');
    await silent('::1', port);
    const before = openDescriptors().length;
    const controller = new AbortController();
    const lookup = resolving('127.0.0.1', '::1');
    const connecting = connect(
      { host, port, lookup, attemptDelay: 10 },
      { signal: controller.signal },
    );
    const outcome = expect(connecting).rejects.toBe('enough');
    await untilOpen(before + 2);
    controller.abort('enough');
    expect(openDescriptors()).toHaveLength(before);
    await outcome;
  });
});
