import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { Datagram, type InternetAddress } from '../../lib/net';
import { native } from '../../lib/native';
import { bound, receiveAll, has127Net } from './datagrams';
import { tracked } from '../support/opened';

const isLinux = process.platform === 'linux';
const loopback = isLinux ? 'lo' : 'lo0';
// Linux hands a socket what is sent to a group that any other one has joined, of whatever process.
const OWN = `${(process.pid >> 8) & 255}.${process.pid & 255}`;
const GROUP = `239.83.${OWN}`;
const OTHER_GROUP = `239.84.${OWN}`;

/** A socket that receives from a group, and one that sends to groups over the loopback interface. */
async function members(): Promise<{ member: Datagram; sender: Datagram; port: number }> {
  const { socket: member, to } = await bound({ host: '0.0.0.0', details: true });
  const { socket: sender } = await bound({ multicastInterface: loopback });
  return { member, sender, port: to.port };
}

/** The texts that arrive from `send`, up to one that is sent to the socket itself. */
async function arrivals(socket: Datagram, send: () => Promise<void>): Promise<string[]> {
  const { socket: other } = await bound();
  const { port } = socket.localAddress as InternetAddress;
  await send();
  await other.send('end', { address: '127.0.0.1', port });
  const seen: string[] = [];
  for await (const { data } of socket) {
    if (data.toString() === 'end') break;
    seen.push(data.toString());
  }
  return seen;
}

describe('a group', () => {
  test('is received between join and leave', async () => {
    const { member, sender, port } = await members();
    const send = (): Promise<void> => sender.send('x', { address: GROUP, port });
    expect(member.join(GROUP, { interface: loopback })).toBe(member);
    expect(await arrivals(member, send)).toEqual(['x']);
    member.leave(GROUP, { interface: loopback });
    expect(await arrivals(member, send)).toEqual([]);
  });

  test('has its datagrams carry its address, the interface and the hops left', async () => {
    const { member, sender, port } = await members();
    const index = native.interfaceIndex(loopback);
    member.join(GROUP, { interface: index });
    sender.configure({ multicastTtl: 9 });
    await sender.send('x', { address: GROUP, port });
    const { address, details } = await member.receive();
    expect(address).toEqual(sender.localAddress);
    expect(details).toEqual({ destination: GROUP, interface: index, ttl: 9, tos: 0 });
  });

  test('that is joined is joined once, and each by itself', async () => {
    const { member } = await members();
    const o = { interface: loopback };
    member.join(GROUP, o).join(OTHER_GROUP, o);
    const failure = (code: string): unknown => expect.objectContaining({ code });
    expect(() => member.join(GROUP, o)).toThrow(failure('EADDRINUSE'));
    member.leave(GROUP, o);
    expect(() => member.leave(GROUP, o)).toThrow(failure('EADDRNOTAVAIL'));
    member.leave(OTHER_GROUP, o);
    expect(() => member.join('192.0.2.1', o)).toThrow(failure('EINVAL'));
    expect(() => member.join(GROUP, { interface: 'no such' })).toThrow(failure('ENODEV'));
    expect(() => member.join('group')).toThrow(failure('ERR_INVALID_ARG_VALUE'));
    expect(() => member.join(7 as never)).toThrow(failure('ERR_INVALID_ARG_TYPE'));
  });

  test.runIf(has127Net)('is received from one source only, if that is asked for', async () => {
    const { member, sender, port } = await members();
    const { socket: wanted } = await bound({ host: '127.0.0.2', multicastInterface: loopback });
    const from = { source: '127.0.0.2', interface: loopback };
    const send = async (): Promise<void> => {
      await sender.send('anybody', { address: GROUP, port });
      await wanted.send('source', { address: GROUP, port });
    };
    member.join(GROUP, from);
    expect(await arrivals(member, send)).toEqual(['source']);
    member.join(GROUP, { ...from, source: '127.0.0.1' });
    expect(await arrivals(member, send)).toEqual(['anybody', 'source']);
    member.leave(GROUP, from);
    expect(await arrivals(member, send)).toEqual(['anybody']);
  });

  test('reaches every socket that shares its port', async () => {
    const first = await bound({ host: '0.0.0.0', reuseAddress: true });
    const second = await bound({ host: '0.0.0.0', port: first.to.port, reuseAddress: true });
    for (const { socket } of [first, second]) socket.join(GROUP, { interface: loopback });
    const { socket: sender } = await bound({ multicastInterface: loopback });
    await sender.sendMany(['a', 'b'], { address: GROUP, port: first.to.port });
    expect(await receiveAll(first.socket, 2)).toEqual(['a', 'b']);
    expect(await receiveAll(second.socket, 2)).toEqual(['a', 'b']);
  });

  test('is shared with node:dgram, both ways', async () => {
    const { member, sender, port } = await members();
    member.join(GROUP, { interface: loopback });
    const node = tracked(createSocket({ type: 'udp4', reuseAddr: true }));
    node.bind(0);
    await once(node, 'listening');
    node.addMembership(GROUP, '127.0.0.1');
    node.setMulticastInterface('127.0.0.1');
    node.send('from node', port, GROUP);
    expect((await member.receive()).data.toString()).toBe('from node');
    const message = once(node, 'message') as Promise<[Buffer, RemoteInfo]>;
    await sender.send('to node', { address: GROUP, port: node.address().port });
    expect((await message)[0].toString()).toBe('to node');
  });

  // The loopback interface has no route for those, so that none can be sent.
  test('of IPv6 is joined and left', async () => {
    const { socket } = await bound({ host: '::1' });
    const o = { interface: loopback };
    socket.join('ff02::7:1', o);
    expect(() => socket.join('ff02::7:1', o)).toThrow(/^EADDRINUSE/);
    socket.leave('ff02::7:1', o);
    expect(() => socket.leave('ff02::7:1', o)).toThrow(/^EADDRNOTAVAIL/);
    socket.join('ff3e::8000:1', { ...o, source: '::1' });
    socket.leave('ff3e::8000:1', { ...o, source: '::1' });
  });

  test('of IPv6 with a zone is that of the interface', async () => {
    const { socket } = await bound({ host: '::1' });
    const index = native.interfaceIndex(loopback);
    socket.join(`ff02::7:2%${loopback}`);
    expect(() => socket.join('ff02::7:2', { interface: index })).toThrow(/^EADDRINUSE/);
    socket.leave(`ff02::7:2%${loopback}`, { interface: loopback });
    socket.join('ff02::7:2', { interface: index });
    socket.leave(`ff02::7:2%${loopback}`);
    socket.join('ff32::8000:1', { source: `fe80::1%${loopback}` });
    socket.leave('ff32::8000:1', { source: 'fe80::1', interface: index });
    const others = { interface: index + 1 };
    for (const call of [socket.join, socket.leave]) {
      for (const [group, o] of [
        [`ff02::7:2%${loopback}`, others],
        ['ff32::8000:1', { ...others, source: `fe80::1%${loopback}` }],
        [`ff32::8000:1%${loopback}`, { source: `fe80::1%${index + 1}` }],
      ] as const) {
        expect(() => call.call(socket, group, o)).toThrow(
          expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
        );
      }
    }
  });
});

// Elsewhere the loopback interface has no address for it.
describe.runIf(isLinux)('broadcast', () => {
  const to = (port: number): { address: string; port: number } => ({
    address: '127.255.255.255',
    port,
  });

  test('is refused unless it is asked for', async () => {
    const { socket, to: own } = await bound({ host: '0.0.0.0', details: true });
    const { socket: sender } = await bound();
    await expect(sender.send('x', to(own.port))).rejects.toMatchObject({
      code: 'EACCES',
      address: '127.255.255.255',
      port: own.port,
    });
    sender.configure({ broadcast: true });
    await sender.send('y', to(own.port));
    const { data, details } = await socket.receive();
    expect(data.toString()).toBe('y');
    expect(details?.destination).toBe('127.255.255.255');
    sender.configure({ broadcast: false });
    await expect(sender.send('z', to(own.port))).rejects.toMatchObject({ code: 'EACCES' });
  });
});

describe('settings', () => {
  const value = Buffer.alloc(4);
  let socket: Datagram;
  afterEach(() => {
    socket.close();
  });
  const get = (level: number, name: number): number => {
    value.fill(0);
    expect(native.getOption(socket.fd, level, name, value)).toBeGreaterThan(0);
    return value.readInt32LE();
  };

  test('of IPv4 reach the system, at the beginning and later', async () => {
    const { IPPROTO_IP } = native;
    const o = { ttl: 3, tos: 16, multicastTtl: 0, multicastLoop: false } as const;
    socket = await Datagram.bind({ host: '127.0.0.1', ...o });
    const seen = (): number[] => [
      get(IPPROTO_IP, native.IP_TTL),
      get(IPPROTO_IP, native.IP_TOS),
      get(IPPROTO_IP, native.IP_MULTICAST_TTL),
      get(IPPROTO_IP, native.IP_MULTICAST_LOOP),
    ];
    expect(seen()).toEqual([3, 16, 0, 0]);
    socket.configure({ ttl: 255, multicastLoop: true });
    expect(seen()).toEqual([255, 16, 0, 1]);
    socket.configure({ tos: 0, multicastTtl: 255 });
    expect(seen()).toEqual([255, 0, 255, 1]);
  });

  test('of IPv6 likewise', async () => {
    const { IPPROTO_IPV6 } = native;
    const o = { ttl: 3, tos: 16, multicastTtl: 0, multicastLoop: false } as const;
    socket = await Datagram.bind({ host: '::1', multicastInterface: loopback, ...o });
    expect(get(IPPROTO_IPV6, native.IPV6_UNICAST_HOPS)).toBe(3);
    expect(get(IPPROTO_IPV6, native.IPV6_TCLASS)).toBe(16);
    expect(get(IPPROTO_IPV6, native.IPV6_MULTICAST_HOPS)).toBe(0);
    expect(get(IPPROTO_IPV6, native.IPV6_MULTICAST_LOOP)).toBe(0);
    socket.configure({ multicastInterface: 0 });
  });

  test.runIf(isLinux)('of a socket of both hold for what it sends to IPv4', async () => {
    const { socket: receiver, to } = await bound({ details: true });
    socket = await Datagram.bind({ host: '::', ttl: 3, tos: 16, multicastLoop: false });
    await socket.send('x', to);
    expect((await receiver.receive()).details).toMatchObject({ ttl: 3, tos: 16 });
    expect(get(native.IPPROTO_IP, native.IP_MULTICAST_LOOP)).toBe(0);
    socket.configure({ ttl: 255, tos: 0 });
    await socket.send('x', to);
    expect((await receiver.receive()).details).toMatchObject({ ttl: 255, tos: 0 });
  });

  test.runIf(isLinux)('of a socket of both hold for groups of IPv4', async () => {
    const { member, port } = await members();
    member.join(GROUP, { interface: loopback });
    socket = await Datagram.bind({ host: '::', multicastInterface: loopback, multicastTtl: 7 });
    await socket.send('x', { address: GROUP, port });
    expect((await member.receive()).details).toMatchObject({ destination: GROUP, ttl: 7 });
  });

  test('are all checked before any is made', async () => {
    socket = await Datagram.bind({ host: '127.0.0.1', ttl: 5 });
    const wrong = [
      [{ ttl: 0 }, 'ERR_OUT_OF_RANGE'],
      [{ ttl: 256 }, 'ERR_OUT_OF_RANGE'],
      [{ tos: -1 }, 'ERR_OUT_OF_RANGE'],
      [{ multicastTtl: 1.5 }, 'ERR_OUT_OF_RANGE'],
      [{ multicastTtl: '1' }, 'ERR_INVALID_ARG_TYPE'],
      [{ broadcast: 1 }, 'ERR_INVALID_ARG_TYPE'],
      [{ multicastLoop: null }, 'ERR_INVALID_ARG_TYPE'],
      [{ multicastInterface: 'no such' }, 'ENODEV'],
      [{ multicastInterface: 'lo\0' }, 'EINVAL'],
      [{ multicastInterface: {} }, 'ERR_INVALID_ARG_TYPE'],
    ] as const;
    for (const [o, code] of wrong) {
      expect(() => socket.configure({ ttl: 9, ...o } as never)).toThrow(
        expect.objectContaining({ code }),
      );
    }
    expect(() => socket.configure(null as never)).toThrow(/"options"/);
    expect(get(native.IPPROTO_IP, native.IP_TTL)).toBe(5);
  });
});
