import type { LookupFunction } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { native } from '../../lib/native';
import { Datagram, type UdpConnectOptions } from '../../lib/net';
import { bound, has127Net } from './datagrams';
import { temporary, tracked } from '../support/opened';

/** Answers with these addresses, for whatever name. */
const resolver =
  (...addresses: string[]): LookupFunction =>
  (_, __, callback) => {
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };

describe('bind', () => {
  test('takes any free port of every IPv4 address by default, and that of another family', async () => {
    const four = tracked(await Datagram.bind());
    expect(four.localAddress).toEqual({
      address: '0.0.0.0',
      port: expect.any(Number) as number,
      family: 'IPv4',
    });
    expect(four.remoteAddress).toBeNull();
    const six = tracked(await Datagram.bind({ family: 6 }));
    expect(six.localAddress).toMatchObject({ address: '::', family: 'IPv6' });
  });

  test('takes the first address of a name', async () => {
    const lookup = resolver('127.0.0.1', '127.0.0.8');
    const socket = tracked(await Datagram.bind({ host: 'name', lookup }));
    expect(socket.localAddress).toMatchObject({ address: '127.0.0.1' });
    const system = tracked(await Datagram.bind({ host: 'localhost', family: 4 }));
    expect(system.localAddress).toMatchObject({ address: '127.0.0.1' });
  });

  test('says which address is taken', async () => {
    const { to } = await bound();
    const { address, port } = to;
    await expect(Datagram.bind({ host: address, port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      syscall: 'bind',
      address,
      port,
    });
    await expect(Datagram.bind({ host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
      address: '192.0.2.1',
    });
  });

  test('shares an address where all ask for it', async () => {
    const { socket, to } = await bound({ reusePort: true });
    const { to: same } = await bound({ reusePort: true, port: to.port });
    expect(same).toEqual(to);
    await expect(Datagram.bind({ host: to.address, port: to.port })).rejects.toThrow(/^EADDRINUSE/);
    socket.close();
  });

  test('with ipv6Only is of IPv6, whatever is to be bound', async () => {
    const lookup = resolver('127.0.0.1', '::1');
    const every = tracked(await Datagram.bind({ ipv6Only: true }));
    expect(every.localAddress).toMatchObject({ address: '::', family: 'IPv6' });
    const named = tracked(await Datagram.bind({ host: 'name', lookup, ipv6Only: true }));
    expect(named.localAddress).toMatchObject({ address: '::1', family: 'IPv6' });
    for (const socket of [every, named]) {
      expect(socket.getOption(native.IPPROTO_IPV6, native.IPV6_V6ONLY)).toBe(1);
    }
  });

  test('is of both families with `::`, unless it is of IPv6 only', async () => {
    const both = tracked(await Datagram.bind({ host: '::' }));
    const { socket: sender } = await bound();
    const port = both.localAddress?.port ?? -1;
    await sender.send('four', { address: '127.0.0.1', port });
    expect((await both.receive()).address.address).toBe('::ffff:127.0.0.1');
    const only = tracked(await Datagram.bind({ host: '::', ipv6Only: true }));
    const same = only.localAddress?.port ?? -1;
    // The port is free for IPv4 then.
    await bound({ port: same });
  });
});

describe('connect', () => {
  test('sends from the address that is asked for', async () => {
    const { socket, to } = await bound();
    const localAddress = has127Net ? '127.0.0.9' : '127.0.0.1';
    const o = { host: '127.0.0.1', port: to.port, localAddress };
    const ours = tracked(await Datagram.connect(o));
    expect(ours.remoteAddress).toEqual(to);
    await ours.send('x');
    const { address } = await socket.receive();
    expect(address).toEqual(ours.localAddress);
    expect(address?.address).toBe(localAddress);
    const localPort = ours.localAddress?.port ?? -1;
    ours.close();
    const again = tracked(await Datagram.connect({ ...o, localPort }));
    expect(again.localAddress).toMatchObject({ address: localAddress, port: localPort });
  });

  test('takes an address of the family of `localAddress`, or of that which is asked for', async () => {
    const { socket, to } = await bound();
    const lookup = resolver('::1', '127.0.0.1');
    const o = { host: 'name', port: to.port, lookup };
    const first = tracked(await Datagram.connect({ ...o, localAddress: '127.0.0.1' }));
    const second = tracked(await Datagram.connect({ ...o, family: 4 }));
    for (const ours of [first, second]) {
      expect(ours.remoteAddress).toEqual(to);
      await ours.send('x');
      await socket.receive();
    }
    const other = tracked(await Datagram.connect(o));
    expect(other.remoteAddress).toMatchObject({ address: '::1' });
  });

  test('receives from its peer only', async () => {
    const { socket, to } = await bound();
    const { socket: stranger } = await bound();
    const ours = tracked(await Datagram.connect({ host: '127.0.0.1', port: to.port }));
    const own = { address: '127.0.0.1', port: ours.localAddress?.port ?? -1 };
    await stranger.send('from a stranger', own);
    await socket.send('from the peer', own);
    expect((await ours.receive()).data.toString()).toBe('from the peer');
    expect(ours.tryReceive()).toBeNull();
  });

  test('of a name that does not exist says so, with the name', async () => {
    const lookup: LookupFunction = (hostname, _, callback) => {
      callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND', hostname }), []);
    };
    await expect(Datagram.connect({ host: 'x.invalid', port: 1, lookup })).rejects.toMatchObject({
      code: 'ENOTFOUND',
      hostname: 'x.invalid',
    });
  });
});

describe('a signal', () => {
  test('that is aborted already makes nothing', async () => {
    const signal = AbortSignal.abort('reason');
    await expect(Datagram.bind({}, { signal })).rejects.toBe('reason');
    await expect(Datagram.connect({ port: 1 }, { signal })).rejects.toBe('reason');
  });

  test('that aborts during a look-up rejects at once', async () => {
    const controller = new AbortController();
    const lookup: LookupFunction = () => undefined;
    const binding = Datagram.bind({ host: 'name', lookup }, { signal: controller.signal });
    controller.abort('reason');
    await expect(binding).rejects.toBe('reason');
  });
});

describe('options', () => {
  const TYPE = 'ERR_INVALID_ARG_TYPE';
  const VALUE = 'ERR_INVALID_ARG_VALUE';
  const RANGE = 'ERR_OUT_OF_RANGE';

  test.each([
    [null, TYPE],
    [1, TYPE],
    [{ host: 1 }, TYPE],
    [{ host: '' }, VALUE],
    [{ port: '1' }, TYPE],
    [{ port: 65_536 }, RANGE],
    [{ port: -1 }, RANGE],
    [{ family: 5 }, VALUE],
    [{ host: '::1', family: 4 }, VALUE],
    [{ lookup: 1, host: 'name' }, TYPE],
    [{ details: 1 }, TYPE],
    [{ reuseAddress: 'yes' }, TYPE],
    [{ reusePort: null }, TYPE],
    [{ ipv6Only: 0 }, TYPE],
    [{ ipv6Only: true, family: 4 }, VALUE],
    [{ ipv6Only: true, host: '127.0.0.1' }, VALUE],
    [{ localAddress: '127.0.0.1' }, VALUE],
    [{ localPort: 1 }, VALUE],
    [{ localPath: '/tmp/x' }, VALUE],
    [{ ttl: 0 }, RANGE],
    [{ broadcast: 1 }, TYPE],
    [{ path: 1 }, TYPE],
    [{ path: '/tmp/x', port: 1 }, VALUE],
    [{ path: '/tmp/x', localPath: '/tmp/y' }, VALUE],
    [{ path: '/tmp/x', details: true }, VALUE],
    [{ path: 'x'.repeat(200) }, VALUE],
    [{ path: '/tmp/nul\0byte' }, VALUE],
  ])('of bind are checked: %j', async (o, code) => {
    await expect(Datagram.bind(o as never)).rejects.toMatchObject({ code });
  });

  test.each([
    [undefined, TYPE],
    [{}, TYPE],
    [{ port: 0 }, RANGE],
    [{ port: 1, localPort: 1.5 }, RANGE],
    [{ port: 1, localAddress: 1 }, TYPE],
    [{ port: 1, localAddress: 'localhost' }, 'ERR_INVALID_IP_ADDRESS'],
    [{ port: 1, host: '127.0.0.1', localAddress: '::1' }, VALUE],
    [{ port: 1, ipv6Only: true }, VALUE],
    [{ port: 1, localPath: '/tmp/x' }, VALUE],
    [{ path: '' }, VALUE],
    [{ path: '/tmp/x', localPath: 1 }, TYPE],
    [{ path: '/tmp/x', localPort: 1 }, VALUE],
  ])('of connect are checked: %j', async (o, code) => {
    await expect(Datagram.connect(o as never)).rejects.toMatchObject({ code });
  });

  test.each([
    ['bind', (o: UdpConnectOptions) => Datagram.bind(o)],
    ['connect', (o: UdpConnectOptions) => Datagram.connect(o)],
  ])('of %s are checked before a name is looked up', async (_, open) => {
    const lookup = vi.fn(resolver('127.0.0.1'));
    for (const wrong of [{ ttl: 0 }, { multicastTtl: 256 }, { tos: -1 }]) {
      const opening = open({ host: 'example.org', port: 1, lookup, ...wrong });
      await expect(opening).rejects.toMatchObject({ code: RANGE });
    }
    expect(lookup).not.toHaveBeenCalled();
  });

  test('of the system are set and told as of other sockets', async () => {
    const { socket } = await bound();
    expect(socket.setOption('receiveBuffer', 8192)).toBe(socket);
    expect(socket.getOption('receiveBuffer')).toBeGreaterThanOrEqual(8192);
    expect(socket.getOption('broadcast')).toBe(false);
    socket.configure({ broadcast: true });
    expect(socket.getOption('broadcast')).toBe(true);
    expect(() => socket.getOption('noDelay')).toThrow(/^E/);
    socket.close();
    expect(() => socket.getOption('broadcast')).toThrow(/^The datagram is closed/);
  });

  test('of a Unix socket have no header to describe', async () => {
    const path = temporary('socket');
    const socket = tracked(await Datagram.bind({ path }));
    await expect(socket.send('x', { path }, { ttl: 1 })).rejects.toMatchObject({ code: VALUE });
    expect(() => socket.configure({ ttl: 1 })).toThrow(/^E(NOTSUP|OPNOTSUPP|NOPROTOOPT)/);
    expect(() => socket.join('239.1.2.3')).toThrow(/^E(NOTSUP|OPNOTSUPP|NOPROTOOPT)/);
  });
});
