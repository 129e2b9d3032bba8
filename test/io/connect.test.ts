import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { EPERM } from '../../lib/errors';
import { native } from '../../lib/native';
import { connect, listen } from '../../lib/net';
import { openDescriptors } from '../support/descriptors';
import { tracked } from '../support/opened';
import { listening } from './peers';

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const { listener, port } = await listening();
  listener.close();
  return port;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('connect', () => {
  test('reaches an address, IPv4 and IPv6', async () => {
    for (const host of ['127.0.0.1', '::1']) {
      const listener = tracked(await listen({ host, port: 0 }));
      const port = listener.address.port;
      const stream = tracked(await connect({ host, port }));
      expect(stream.remoteAddress).toEqual({
        address: host,
        port,
        family: host === '::1' ? 'IPv6' : 'IPv4',
      });
    }
  });

  test('tries every address of a name: localhost, also where only IPv4 listens', async () => {
    const server = tracked(createServer());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const stream = tracked(await connect({ port }));
    expect(stream.remoteAddress).toMatchObject({ address: '127.0.0.1', port });
  });

  test('is refused where nobody listens, and leaves no descriptor', async () => {
    const port = await freePort();
    const before = openDescriptors().length;
    await expect(connect({ host: '127.0.0.1', port })).rejects.toMatchObject({
      message: `ECONNREFUSED: connection refused, connect 127.0.0.1:${port}`,
      code: 'ECONNREFUSED',
      syscall: 'connect',
      address: '127.0.0.1',
      port,
    });
    expect(openDescriptors()).toHaveLength(before);
  });

  test('whose address the system does not tell rejects, and leaves no descriptor', async () => {
    const { port } = await listening();
    const before = openDescriptors().length;
    // As under a sandbox without getsockname(2).
    vi.spyOn(native, 'localAddress').mockReturnValueOnce(EPERM);
    await expect(connect({ host: '127.0.0.1', port })).rejects.toMatchObject({
      message: 'EPERM: operation not permitted, getsockname',
      code: 'EPERM',
      syscall: 'getsockname',
    });
    expect(openDescriptors()).toHaveLength(before);
  });

  test('to a name that does not exist is the error of the look-up', async () => {
    // No name of that form can be asked for over a network.
    await expect(connect({ host: 'no such name', port: 1 })).rejects.toMatchObject({
      code: 'ENOTFOUND',
      syscall: 'getaddrinfo',
      hostname: 'no such name',
    });
  });

  test('can be aborted before, and leaves no descriptor', async () => {
    const { port } = await listening();
    const before = openDescriptors().length;
    const reason = new Error('never mind');
    const connecting = connect({ host: '127.0.0.1', port }, { signal: AbortSignal.abort(reason) });
    await expect(connecting).rejects.toBe(reason);
    expect(openDescriptors()).toHaveLength(before);
  });

  test.runIf(process.platform === 'linux')(
    'can be aborted while it waits for an answer, and leaves no descriptor',
    async () => {
      // A full backlog answers nobody; it holds one connection more than asked for.
      const listener = tracked(await listen({ host: '127.0.0.1', port: 0, backlog: 0 }));
      const port = listener.address.port;
      tracked(await connect({ host: '127.0.0.1', port }));
      const before = openDescriptors().length;
      const controller = new AbortController();
      const connecting = connect({ host: '127.0.0.1', port }, { signal: controller.signal });
      const turns = new Promise((resolve) => setImmediate(() => setImmediate(resolve, 'waits')));
      expect(await Promise.race([connecting, turns])).toBe('waits');
      const reason = new Error('enough');
      controller.abort(reason);
      await expect(connecting).rejects.toBe(reason);
      expect(openDescriptors()).toHaveLength(before);
    },
  );

  test('refuses options that are not right', async () => {
    const wrong: [unknown, string][] = [
      [undefined, 'ERR_INVALID_ARG_TYPE'],
      [null, 'ERR_INVALID_ARG_TYPE'],
      [{}, 'ERR_INVALID_ARG_TYPE'],
      [{ port: '80' }, 'ERR_INVALID_ARG_TYPE'],
      [{ port: 0 }, 'ERR_OUT_OF_RANGE'],
      [{ port: 65536 }, 'ERR_OUT_OF_RANGE'],
      [{ port: 80, host: 5 }, 'ERR_INVALID_ARG_TYPE'],
      [{ port: 80, noDelay: 1 }, 'ERR_INVALID_ARG_TYPE'],
    ];
    for (const [options, code] of wrong) {
      await expect(connect(options as { port: number })).rejects.toMatchObject({ code });
    }
    const signal = {} as AbortSignal;
    await expect(connect({ port: 80 }, { signal })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
    });
  });

  test('many at once all arrive', async () => {
    const { listener, port } = await listening();
    const connecting = Array.from({ length: 200 }, () => connect({ host: '127.0.0.1', port }));
    const accepting = Array.from({ length: 200 }, () => listener.accept());
    const streams = (await Promise.all([...connecting, ...accepting])).map(tracked);
    expect(new Set(streams.map(({ fd }) => fd)).size).toBe(400);
  });
});
