import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { native } from '../../lib/native';
import { Datagram, type InternetAddress, type SendManyError } from '../../lib/net';
import { bound, pair, receiveAll, setsHeaders, has127Net } from './datagrams';
import { tracked } from '../support/opened';
import { pattern } from './peers';

describe('send', () => {
  test('goes to the address that is given, or to the peer', async () => {
    const { ours, theirs } = await pair();
    const { socket } = await bound();
    await socket.send('addressed', theirs.localAddress as InternetAddress);
    await ours.send(new Uint8Array([112, 101, 101, 114]));
    expect(await receiveAll(theirs, 2)).toEqual(['addressed', 'peer']);
  });

  test('reaches IPv6, and IPv4 from a socket of both', async () => {
    const six = tracked(await Datagram.bind({ host: '::1' }));
    const both = tracked(await Datagram.bind({ host: '::' }));
    const { socket: four, to } = await bound();
    await both.send('six', six.localAddress as { address: string; port: number });
    await both.send('four', to);
    const fromSix = await six.receive();
    expect(fromSix.data.toString()).toBe('six');
    expect(fromSix.address).toMatchObject({ address: '::1', family: 'IPv6' });
    const fromFour = await four.receive();
    expect(fromFour.address).toMatchObject({ address: '127.0.0.1', family: 'IPv4' });
    await four.send('answer', fromFour.address as typeof to);
    expect((await both.receive()).address).toMatchObject({ address: '::ffff:127.0.0.1' });
  });

  test('of what is too long rejects that one only', async () => {
    const { ours, theirs } = await pair();
    const { port } = theirs.localAddress as { port: number };
    await expect(ours.send(Buffer.alloc(65_508))).rejects.toMatchObject({
      code: 'EMSGSIZE',
      syscall: 'sendto',
    });
    const { socket } = await bound();
    await expect(
      socket.send(Buffer.alloc(65_508), { address: '127.0.0.1', port }),
    ).rejects.toMatchObject({ code: 'EMSGSIZE', address: '127.0.0.1', port });
    await ours.send('short');
    expect((await theirs.receive()).data.toString()).toBe('short');
  });

  test('of a name is refused: numbers only', async () => {
    const { socket } = await bound();
    await expect(socket.send('x', { address: 'localhost', port: 1 })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
    });
  });

  test('without a destination needs a peer', async () => {
    const { socket } = await bound();
    await expect(socket.send('x')).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    await expect(socket.sendMany(['x'])).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  });

  test('lets timers have their turn while there is always room', async () => {
    const { ours } = await pair();
    for (const send of [() => ours.send('x'), () => ours.sendMany(['x', 'y'])]) {
      const timer = { over: false };
      setTimeout(() => (timer.over = true), 5);
      let sent = 0;
      for (; !timer.over; sent++) await send();
      expect(sent).toBeGreaterThan(0);
    }
  });

  test.runIf(setsHeaders)('sends one field of the header differently', async () => {
    const { socket, to } = await bound({ details: true });
    const { socket: sender } = await bound({ host: '0.0.0.0' });
    await sender.send('x', to, { ttl: 7, tos: 0b101_01, source: '127.0.0.9', interface: 'lo' });
    const { address, details } = await socket.receive();
    expect(address).toMatchObject({ address: '127.0.0.9' });
    expect(details).toMatchObject({ ttl: 7, tos: 0b101_01, destination: '127.0.0.1' });
    await sender.send('x', to);
    expect((await socket.receive()).details).toMatchObject({ ttl: 64, tos: 0 });
  });

  test.runIf(setsHeaders).each(['::ffff:127.0.0.1', '::FFFF:7f00:1', '0:0:0:0:0:ffff:127.0.0.1'])(
    'sends a field of the header to the peer %s, which is of IPv4',
    async (host) => {
      const { socket, to } = await bound({ details: true });
      const sender = tracked(await Datagram.connect({ host, port: to.port }));
      await sender.send('x', undefined, { ttl: 7, tos: 4, source: '127.0.0.1' });
      expect((await socket.receive()).details).toMatchObject({ ttl: 7, tos: 4 });
    },
  );

  test.runIf(has127Net)('takes a source of the kind of the address, and no other', async () => {
    const { socket: four, to } = await bound();
    const { socket: six, to: to6 } = await bound({ host: '::1' });
    const { socket: sender } = await bound({ host: '::' });
    for (const source of ['127.0.0.9', '::ffff:127.0.0.9']) {
      await sender.send('x', to, { source });
      expect((await four.receive()).address).toMatchObject({ address: '127.0.0.9' });
    }
    await sender.send('x', to6, { source: '::1' });
    expect((await six.receive()).address).toMatchObject({ address: '::1' });
    const refused = { code: 'EINVAL' };
    await expect(sender.send('x', to6, { source: '127.0.0.1' })).rejects.toMatchObject(refused);
    for (const source of ['::1', '::7f00:9', '2001:db8::7f00:9']) {
      await expect(sender.send('x', to, { source })).rejects.toMatchObject(refused);
    }
  });
});

describe('sendMany', () => {
  test('sends all, in order, to one address or to several', async () => {
    const { socket: first, to } = await bound();
    const { socket: second, to: elsewhere } = await bound();
    const { socket } = await bound();
    await socket.sendMany(
      ['a', Buffer.from('b'), { data: 'c', to: elsewhere }, { data: 'd' }, { data: 'e', to }],
      to,
    );
    expect(await receiveAll(first, 4)).toEqual(['a', 'b', 'd', 'e']);
    expect(await receiveAll(second, 1)).toEqual(['c']);
    await socket.sendMany([]);
    await socket.sendMany(new Set(['x', 'y']), to);
    expect(await receiveAll(first, 2)).toEqual(['x', 'y']);
  });

  test('keeps datagrams apart whatever their sizes, with trains and without', async () => {
    const { ours, theirs } = await pair();
    const sizes = [5, 5, 5, 3, 5, 0, 5, 5, 7, 7, 2, 2, 0, 0, 1, 9, 9, 9, 9, 9, 1];
    const messages = sizes.map((size, i) => String(i % 10).repeat(size));
    await ours.sendMany(messages);
    expect(await receiveAll(theirs, sizes.length)).toEqual(messages);
    // Now the receiver takes trains as they are.
    await ours.sendMany(messages);
    expect(await receiveAll(theirs, sizes.length)).toEqual(messages);
  });

  test.runIf(setsHeaders)('keeps datagrams apart that differ in their header', async () => {
    const { socket, to } = await bound({ details: true });
    const { socket: sender } = await bound();
    await sender.sendMany(
      [1, 1, 2, 2, 3].map((ttl) => ({ data: 'same', to, ttl })),
      undefined,
      { tos: 8 },
    );
    const seen: unknown[] = [];
    for (let i = 0; i < 5; i++) seen.push((await socket.receive()).details);
    expect(seen).toMatchObject([1, 1, 2, 2, 3].map((ttl) => ({ ttl, tos: 8 })));
  });

  test('fills trains of as many datagrams as there may be, and of long ones', async () => {
    const { ours, theirs } = await pair();
    await ours.send('x');
    await theirs.receiveMany();
    for (const [size, count] of [
      [100, 200],
      [20_000, 7],
      [60_000, 3],
    ]) {
      const bytes = pattern(size);
      const sending = ours.sendMany(Array.from({ length: count }, () => bytes));
      const seen = await Promise.all([receiveAll(theirs, count), sending]);
      expect(seen[0].every((text) => text.length === bytes.toString().length)).toBe(true);
    }
  });

  test('tells how many went before the one that failed', async () => {
    const { ours, theirs } = await pair();
    const long = Buffer.alloc(65_508);
    const failing = ours.sendMany(['a', 'b', long, 'c']);
    await expect(failing).rejects.toMatchObject({ code: 'EMSGSIZE', sent: 2 });
    const { sent } = (await failing.catch((error: unknown) => error)) as SendManyError;
    expect(sent).toBe(2);
    expect(await receiveAll(theirs, 2)).toEqual(['a', 'b']);
    // Two of one size were a train, which is refused like each of them.
    await expect(ours.sendMany([long, long])).rejects.toMatchObject({ code: 'EMSGSIZE', sent: 0 });
    expect(theirs.tryReceive()).toBeNull();
    await ours.sendMany(['still', 'works']);
    expect(await receiveAll(theirs, 2)).toEqual(['still', 'works']);
  });

  test('sends nothing when one of them is wrong', async () => {
    const { ours, theirs } = await pair();
    const wrong = [1, null, {}, { data: 'x', to: 1 }, { data: 'x', ttl: 0 }] as never[];
    for (const message of wrong) {
      await expect(ours.sendMany(['a', message])).rejects.toMatchObject({
        code: expect.stringMatching(/^ERR_(INVALID_ARG_TYPE|OUT_OF_RANGE)$/) as string,
        message: expect.stringContaining('messages[1]') as string,
      });
    }
    await expect(ours.sendMany(1 as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    expect(theirs.tryReceive()).toBeNull();
  });
});

describe.runIf(process.platform === 'linux')('trains', () => {
  const SO_NO_CHECK = 11;

  test('that the kernel refuses go as datagrams by themselves', async () => {
    const { ours, theirs } = await pair();
    const calls = vi.spyOn(native, 'sendDatagrams');
    onTestFinished(() => {
      calls.mockRestore();
    });
    const asTrains = (): boolean[] => calls.mock.calls.map((call) => call[7]);
    await ours.sendMany(['a', 'b']);
    expect(asTrains()).toEqual([true]);
    // Without a checksum, the parts of a train could not have one either: EIO.
    native.setOption(ours.fd, native.SOL_SOCKET, SO_NO_CHECK, 1);
    await ours.sendMany(['c', 'd', 'e']);
    expect(asTrains()).toEqual([true, true, false]);
    await ours.sendMany(['f', 'g']);
    expect(asTrains()).toEqual([true, true, false, false]);
    expect(await receiveAll(theirs, 7)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  });

  test('are received with every byte where it was', async () => {
    const { ours, theirs } = await pair();
    await ours.send('x');
    // From then on the kernel delivers trains as they are.
    await theirs.receiveMany();
    for (const [size, last] of [
      [1, 1],
      [64, 63],
      [1200, 7],
      [4000, 4000],
    ]) {
      const messages = Array.from({ length: 30 }, (_, i) =>
        pattern(size + i).subarray(i, i + (i === 29 ? last : size)),
      );
      await ours.sendMany(messages);
      const seen: Buffer[] = [];
      while (seen.length < messages.length) {
        seen.push(...(await theirs.receiveMany()).map(({ data }) => data));
      }
      expect(seen).toEqual(messages);
    }
  });
});
