import { describe, expect, test, vi } from 'vitest';
import { readable } from '../../lib/index';
import { native } from '../../lib/native';
import { connect, listen, Stream } from '../../lib/net';
import { descriptors, openDescriptors } from '../support/descriptors';
import { tracked } from '../support/opened';
import { listening, pair } from './peers';

const closed = { code: 'ERR_CLOSED' };

async function connected(port: number): Promise<Stream> {
  return tracked(await connect({ host: '127.0.0.1', port }));
}

describe('listen', () => {
  test('takes any free port, and says which', async () => {
    const { listener, port } = await listening();
    expect(listener.address).toEqual({ address: '127.0.0.1', port, family: 'IPv4' });
    expect(port).toBeGreaterThan(0);
    expect(listener.fd).toBeGreaterThanOrEqual(0);
  });

  test('without a host takes IPv4 and IPv6', async () => {
    const listener = tracked(await listen({ port: 0 }));
    const port = listener.address.port;
    expect(listener.address).toEqual({ address: '::', port, family: 'IPv6' });
    for (const host of ['127.0.0.1', '::1']) {
      const accepting = listener.accept();
      tracked(await connect({ host, port }));
      const { remoteAddress } = tracked(await accepting);
      expect(remoteAddress?.address).toMatch(host === '::1' ? /^::1$/ : /127\.0\.0\.1$/);
    }
  });

  test('on a port that is taken is EADDRINUSE, and leaves no descriptor', async () => {
    const { port } = await listening();
    const before = openDescriptors().length;
    await expect(listen({ host: '127.0.0.1', port })).rejects.toMatchObject({
      message: `EADDRINUSE: address already in use, bind 127.0.0.1:${port}`,
      code: 'EADDRINUSE',
      address: '127.0.0.1',
      port,
    });
    expect(openDescriptors()).toHaveLength(before);
  });

  test('on an address of somebody else is EADDRNOTAVAIL', async () => {
    await expect(listen({ host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
      address: '192.0.2.1',
    });
  });

  test('takes its port again at once, when connections of before linger', async () => {
    const { listener, port } = await listening();
    const accepting = listener.accept();
    const client = await connected(port);
    const server = await accepting;
    // The side that closes first keeps the address in TIME_WAIT.
    await server.close();
    expect(await client.read(Buffer.alloc(1))).toBe(0);
    await client.close();
    listener.close();
    tracked(await listen({ host: '127.0.0.1', port }));
  });

  test('refuses options that are not right', async () => {
    const wrong: [unknown, string][] = [
      [undefined, 'ERR_INVALID_ARG_TYPE'],
      [{}, 'ERR_INVALID_ARG_TYPE'],
      [{ port: -1 }, 'ERR_OUT_OF_RANGE'],
      [{ port: 65536 }, 'ERR_OUT_OF_RANGE'],
      [{ port: 0, backlog: -1 }, 'ERR_OUT_OF_RANGE'],
      [{ port: 0, backlog: 'many' }, 'ERR_INVALID_ARG_TYPE'],
      [{ port: 0, host: 5 }, 'ERR_INVALID_ARG_TYPE'],
    ];
    for (const [options, code] of wrong) {
      await expect(listen(options as { port: number })).rejects.toMatchObject({ code });
    }
  });
});

describe('accept', () => {
  test('waits for a connection, or takes one that waits', async () => {
    const { listener, port } = await listening();
    const accepting = listener.accept();
    const first = await connected(port);
    expect(tracked(await accepting).remoteAddress).toEqual(first.localAddress);
    const second = await connected(port);
    expect(tracked(await listener.accept()).remoteAddress).toEqual(second.localAddress);
  });

  test('gives every connection to one of those who wait', async () => {
    const { listener, port } = await listening();
    const accepting = Array.from({ length: 10 }, () => listener.accept());
    const clients = await Promise.all(Array.from({ length: 10 }, () => connected(port)));
    const accepted = (await Promise.all(accepting)).map(tracked);
    const ports = (streams: Stream[], side: 'localAddress' | 'remoteAddress'): unknown[] =>
      streams.map((stream) => stream[side]?.port).toSorted();
    expect(ports(accepted, 'remoteAddress')).toEqual(ports(clients, 'localAddress'));
  });

  test('can be aborted, before and while it waits, and leaves the connection to others', async () => {
    const { listener, port } = await listening();
    const reason = new Error('enough');
    const before = listener.accept({ signal: AbortSignal.abort(reason) });
    await expect(before).rejects.toBe(reason);
    const controller = new AbortController();
    const aborted = listener.accept({ signal: controller.signal });
    const other = listener.accept();
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    await connected(port);
    tracked(await other);
  });

  test('is rejected with ERR_CLOSED by close, and afterwards', async () => {
    const { listener, port } = await listening();
    const accepting = [listener.accept(), listener.accept()];
    const waiting = readable(listener);
    listener.close();
    listener.close();
    listener[Symbol.dispose]();
    for (const promise of [...accepting, waiting]) {
      await expect(promise).rejects.toMatchObject(closed);
    }
    await expect(listener.accept()).rejects.toMatchObject(closed);
    expect(listener).toMatchObject({ closed: true, fd: -1 });
    await expect(connect({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });

  test('is not ended by a connection that was reset before it: at most its read tells', async () => {
    const { listener, port } = await listening();
    const gone = await connected(port);
    descriptors.resetOnClose(gone.fd);
    gone.destroy();
    const client = await connected(port);
    let next = tracked(await listener.accept());
    // Linux hands it over; other systems have forgotten it.
    if (next.remoteAddress === null) {
      await expect(next.read(Buffer.alloc(1))).rejects.toMatchObject({ code: 'ECONNRESET' });
      next = tracked(await listener.accept());
    }
    expect(next.remoteAddress).toEqual(client.localAddress);
  });

  test('leaves the event loop a turn while connections wait', async () => {
    const { listener, port } = await listening();
    for (let i = 0; i < 150; i++) await connected(port);
    let accepted = 0;
    const accepting = (async () => {
      while (accepted < 150) {
        tracked(await listener.accept());
        accepted++;
      }
    })();
    let most = 0;
    while (accepted < 150) {
      const before = accepted;
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, accepted - before);
    }
    await accepting;
    // See TURN in lib/io/listen/acceptor.ts.
    expect(most).toBeLessThanOrEqual(2 * 64);
  });

  test('costs one system call: what a connection needs, it inherits', async () => {
    const { listener, port } = await listening();
    const calls = ['accept', 'setOption', 'localAddress', 'remoteAddress', 'adopt'] as const;
    await connected(port);
    const spies = calls.map((name) => vi.spyOn(native, name));
    try {
      tracked(await listener.accept());
      expect(spies.map(({ mock }) => mock.calls.length)).toEqual([1, 0, 0, 0, 0]);
    } finally {
      vi.restoreAllMocks();
    }
  });

  test('sends small writes at once: both ends have Nagle’s delay off', async () => {
    const { ours, theirs } = await pair();
    expect(ours.getOption('noDelay')).toBe(true);
    expect(theirs.getOption('noDelay')).toBe(true);
  });
});

describe('async iteration', () => {
  test('gives connections until the listener is closed', async () => {
    const { listener, port } = await listening();
    const clients = [await connected(port), await connected(port)];
    let count = 0;
    for await (const stream of listener) {
      tracked(stream);
      if (++count === clients.length) {
        setImmediate(() => {
          listener.close();
        });
      }
    }
    expect(count).toBe(2);
  });

  test('that is left leaves the listener open', async () => {
    const { listener, port } = await listening();
    await connected(port);
    for await (const stream of listener) {
      tracked(stream);
      break;
    }
    expect(listener.closed).toBe(false);
    await connected(port);
    tracked(await listener.accept());
  });

  test('that is left while it waits has no more, and accepts nothing', async () => {
    const { listener, port } = await listening();
    const iterator = listener[Symbol.asyncIterator]();
    const waiting = iterator.next();
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await waiting).toEqual({ done: true, value: undefined });
    await connected(port);
    tracked(await listener.accept());
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test('of one that is closed ends at once', async () => {
    const { listener } = await listening();
    listener.close();
    for await (const stream of listener) expect.fail(`there is ${stream.fd}`);
  });
});
