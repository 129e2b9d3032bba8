import { lookup as dnsLookup, type LookupOptions } from 'node:dns';
import { once } from 'node:events';
import { connect as netConnect, createServer, type LookupFunction, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { connect, type TcpOptions } from '../../lib/net';
import { openDescriptors } from '../support/descriptors';
import { freePort, resolving } from './loopback';
import { tracked } from '../support/opened';
import { listening, readBytes } from './peers';

/** Any answer, also of the wrong type. */
function answering(...answer: unknown[]): LookupFunction {
  return (_, __, callback) => {
    (callback as (...answer: unknown[]) => void)(...answer);
  };
}

/** A server of Node on both families, and the socket of its first client. */
async function nodeServer(): Promise<{ port: number; met: Promise<Socket> }> {
  const server = tracked(createServer());
  server.listen(0, '::');
  await once(server, 'listening');
  const met = once(server, 'connection').then(([socket]) => tracked(socket as Socket));
  return { port: (server.address() as { port: number }).port, met };
}

describe('the family of connect', () => {
  test.for([
    [4, '127.0.0.1'],
    [6, '::1'],
  ] as const)('%i is that of the address', async ([family, address]) => {
    const { port } = await nodeServer();
    const lookup = resolving('::1', '127.0.0.1');
    const stream = tracked(await connect({ host: 'name', port, family, lookup }));
    expect(stream.remoteAddress).toMatchObject({ address, family: `IPv${family}` });
  });

  test('0 is either', async () => {
    const { port } = await nodeServer();
    const lookup = resolving('127.0.0.1', '::1');
    const stream = tracked(await connect({ host: 'name', port, family: 0, lookup }));
    expect(stream.remoteAddress).toMatchObject({ address: '127.0.0.1' });
  });

  test('is what the resolver is asked for, and nothing else is taken from it', async () => {
    const asked: [string, LookupOptions][] = [];
    const lookup: LookupFunction = (host, options, callback) => {
      asked.push([host, options]);
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    };
    const connecting = connect({ host: 'name', port: 1, family: 6, lookup });
    await expect(connecting).rejects.toMatchObject({
      code: 'ERR_INVALID_IP_ADDRESS',
      message: 'Invalid IPv6 address: 127.0.0.1',
    });
    expect(asked).toEqual([['name', { all: true, family: 6 }]]);
  });

  test('that a name does not have is ENOTFOUND, or the error of the resolver', async () => {
    const theirs = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
      dnsLookup('no such name', { family: 6 }, resolve);
    });
    await expect(connect({ host: 'no such name', port: 1, family: 6 })).rejects.toMatchObject({
      code: theirs?.code,
      syscall: 'getaddrinfo',
      hostname: 'no such name',
    });
  });
});

describe('the look-up function of connect', () => {
  test('may answer with a list, or with one address, at once or later', async () => {
    const { port } = await listening();
    const address = '127.0.0.1';
    for (const lookup of [
      answering(null, [{ address, family: 4 }]),
      answering(null, address, 4),
      answering(undefined, [{ address: 'junk', family: 4 }, null, { address, family: 4 }]),
      resolving(address),
      dnsLookup as LookupFunction,
    ]) {
      const stream = tracked(await connect({ host: 'localhost', port, family: 4, lookup }));
      expect(stream.remoteAddress).toMatchObject({ address, port });
    }
  });

  test.for<[unknown[], string]>([
    [[null, 'localhost', 4], 'Invalid IP address: localhost'],
    [[null, undefined], 'Invalid IP address: undefined'],
    [[null, []], 'Invalid IP address: undefined'],
    [[null, [null]], 'Invalid IP address: undefined'],
    [[null, [{ address: 5 }]], 'Invalid IP address: 5'],
  ])('that answers %o is refused', async ([answer, message]) => {
    const lookup = answering(...answer);
    await expect(connect({ host: 'name', port: 1, lookup })).rejects.toMatchObject({
      code: 'ERR_INVALID_IP_ADDRESS',
      message,
    });
  });

  test('fails connect with its own error, thrown or answered', async () => {
    const error = new Error('no resolver');
    const throwing: LookupFunction = () => {
      throw error;
    };
    for (const lookup of [answering(error), throwing]) {
      await expect(connect({ host: 'name', port: 1, lookup })).rejects.toBe(error);
    }
  });

  test('is not asked for what is an address', async () => {
    const { port } = await listening();
    const lookup = answering(new Error('was asked'));
    tracked(await connect({ host: '127.0.0.1', port, lookup }));
  });
});

describe('the local end of connect', () => {
  test.runIf(process.platform === 'linux')('is the address and the port asked for', async () => {
    const { port, met } = await nodeServer();
    const localPort = await freePort();
    const lookup = resolving('::1', '127.0.0.1');
    const options = { host: 'name', port, lookup, localAddress: '127.0.0.2', localPort };
    const stream = tracked(await connect(options));
    expect(stream.localAddress).toEqual({ address: '127.0.0.2', port: localPort, family: 'IPv4' });
    const { remoteAddress, remotePort } = await met;
    expect([remoteAddress, remotePort]).toEqual(['::ffff:127.0.0.2', localPort]);
  });

  test.for(['127.0.0.1', '::1'])('may be a port alone: to %s', async (host) => {
    const { port } = await nodeServer();
    const localPort = await freePort();
    const stream = tracked(await connect({ host, port, localPort }));
    expect(stream.localAddress).toMatchObject({ address: host, port: localPort });
  });

  test('may be the same port for a connection after the other', async () => {
    const first = await listening();
    const second = await listening();
    const localPort = await freePort();
    for (const { listener, port } of [first, second]) {
      const stream = await connect({ host: '127.0.0.1', port, localPort });
      // The side that closes first keeps the port in TIME_WAIT.
      await stream.close();
      expect(await tracked(await listener.accept()).read(Buffer.alloc(1))).toBe(0);
    }
  });

  test('that is taken is EADDRINUSE, as in node:net, and leaves no descriptor', async () => {
    const { port } = await listening();
    const { port: localPort } = await listening();
    const before = openDescriptors().length;
    const options = { host: '127.0.0.1', port, localAddress: '127.0.0.1', localPort };
    const ours: unknown = await connect(options).catch((error: unknown) => error);
    expect(openDescriptors()).toHaveLength(before);
    expect(ours).toMatchObject({
      code: 'EADDRINUSE',
      syscall: 'bind',
      address: '127.0.0.1',
      port: localPort,
    });
    const [theirs] = (await once(tracked(netConnect(options)), 'error')) as [{ code: string }];
    expect(theirs.code).toBe('EADDRINUSE');
  });

  test('of somebody else is EADDRNOTAVAIL', async () => {
    const { port } = await listening();
    const connecting = connect({ host: '127.0.0.1', port, localAddress: '192.0.2.1' });
    await expect(connecting).rejects.toMatchObject({
      message: 'EADDRNOTAVAIL: address not available, bind 192.0.2.1:0',
      code: 'EADDRNOTAVAIL',
      syscall: 'bind',
    });
  });

  test('may be the other end, when both are asked for: TCP opens both at once', async () => {
    const port = await freePort();
    const stream = tracked(await connect({ host: '127.0.0.1', port, localPort: port }));
    expect(stream.localAddress).toEqual(stream.remoteAddress);
    await stream.write('hello');
    expect((await readBytes(stream, 5)).toString()).toBe('hello');
  });
});

test.for<[unknown, string]>([
  [{ family: 5 }, 'ERR_INVALID_ARG_VALUE'],
  [{ family: '4' }, 'ERR_INVALID_ARG_VALUE'],
  [{ family: null }, 'ERR_INVALID_ARG_VALUE'],
  [{ family: 6, host: '127.0.0.1' }, 'ERR_INVALID_ARG_VALUE'],
  [{ family: 4, host: '::1' }, 'ERR_INVALID_ARG_VALUE'],
  [{ family: 4, localAddress: '::1' }, 'ERR_INVALID_ARG_VALUE'],
  [{ host: '127.0.0.1', localAddress: '::1' }, 'ERR_INVALID_ARG_VALUE'],
  [{ host: 'fe80::1%no.such.zone' }, 'ERR_INVALID_ARG_VALUE'],
  [{ localAddress: 'fe80::1%no.such.zone', host: '::1' }, 'ERR_INVALID_ARG_VALUE'],
  [{ localAddress: 5 }, 'ERR_INVALID_ARG_TYPE'],
  [{ localAddress: 'localhost' }, 'ERR_INVALID_IP_ADDRESS'],
  [{ localAddress: '' }, 'ERR_INVALID_IP_ADDRESS'],
  [{ localPort: '80' }, 'ERR_INVALID_ARG_TYPE'],
  [{ localPort: -1 }, 'ERR_OUT_OF_RANGE'],
  [{ localPort: 65536 }, 'ERR_OUT_OF_RANGE'],
  [{ lookup: 'localhost' }, 'ERR_INVALID_ARG_TYPE'],
  [{ lookup: null }, 'ERR_INVALID_ARG_TYPE'],
  [{ attemptDelay: '250' }, 'ERR_INVALID_ARG_TYPE'],
  [{ attemptDelay: 9 }, 'ERR_OUT_OF_RANGE'],
  [{ attemptDelay: 10.5 }, 'ERR_OUT_OF_RANGE'],
  [{ attemptDelay: 2 ** 31 }, 'ERR_OUT_OF_RANGE'],
  [{ attemptDelay: NaN }, 'ERR_OUT_OF_RANGE'],
])('connect refuses %o', async ([options, code]) => {
  const before = openDescriptors().length;
  const connecting = connect({ port: 80, ...(options as Partial<TcpOptions>) });
  await expect(connecting).rejects.toMatchObject({ code });
  expect(openDescriptors()).toHaveLength(before);
});
