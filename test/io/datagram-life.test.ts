import { describe, expect, test } from 'vitest';
import { reactor } from '../../lib/index';
import type { InternetAddress } from '../../lib/net';
import { descriptors, openDescriptors } from '../support/descriptors';
import { afterTurns, PENDING } from '../support/turns';
import { bound, fill, pair, receiveAll, unixPair, waitsForReceiver } from './datagrams';
import { pattern } from './peers';

const closed = { code: 'ERR_CLOSED' };

describe('an abort', () => {
  test('before a receive leaves what is there to the next', async () => {
    const { ours, theirs } = await pair();
    await ours.send('x');
    const signal = AbortSignal.abort('reason');
    await expect(theirs.receive({ signal })).rejects.toBe('reason');
    await expect(theirs.receive(Buffer.alloc(1), { signal })).rejects.toBe('reason');
    await expect(theirs.receiveMany({ signal })).rejects.toBe('reason');
    expect((await theirs.receive()).data.toString()).toBe('x');
  });

  test('while it waits, when the datagram is there already, loses nothing', async () => {
    const { ours, theirs } = await pair();
    const controller = new AbortController();
    const into = Buffer.alloc(4);
    const waiting = theirs.receive(into, controller);
    // The event loop has not reported it yet.
    await ours.send('x');
    controller.abort('reason');
    await expect(waiting).rejects.toBe('reason');
    expect(into).toEqual(Buffer.alloc(4));
    expect((await theirs.receive()).data.toString()).toBe('x');
  });

  test('after it was settled has no effect', async () => {
    const { ours, theirs } = await pair();
    const controller = new AbortController();
    const waiting = theirs.receive(controller);
    await ours.send('x');
    expect((await waiting).data.toString()).toBe('x');
    controller.abort();
    const next = theirs.receiveMany({ signal: new AbortController().signal });
    await ours.send('y');
    expect(await next).toHaveLength(1);
  });

  test('before a send sends nothing', async () => {
    const { ours, theirs } = await pair();
    const signal = AbortSignal.abort('reason');
    await expect(ours.send('x', undefined, { signal })).rejects.toBe('reason');
    await expect(ours.sendMany(['x'], undefined, { signal })).rejects.toBe('reason');
    expect(theirs.tryReceive()).toBeNull();
  });

  test.runIf(waitsForReceiver)(
    'takes a send out of the queue, and leaves the others in their order',
    async () => {
      const { ours, theirs } = await unixPair();
      const queued = fill(ours);
      const controller = new AbortController();
      const sending = [
        ours.send('first'),
        ours.send('second', undefined, controller),
        ours.sendMany(['third', 'fourth'], undefined, { signal: new AbortController().signal }),
      ];
      controller.abort('reason');
      await expect(sending[1]).rejects.toBe('reason');
      expect((await receiveAll(theirs, queued + 3)).slice(queued)).toEqual([
        'first',
        'third',
        'fourth',
      ]);
      await Promise.all([sending[0], sending[2]]);
    },
  );

  test.runIf(waitsForReceiver)('of the only send that waits leaves nobody waiting', async () => {
    const { ours, theirs } = await unixPair();
    const queued = fill(ours);
    const controller = new AbortController();
    const sending = ours.send('never', undefined, controller);
    expect(await afterTurns(sending)).toBe(PENDING);
    controller.abort('reason');
    await expect(sending).rejects.toBe('reason');
    expect(await receiveAll(theirs, queued)).toHaveLength(queued);
    await ours.send('next');
    expect(await receiveAll(theirs, 1)).toEqual(['next']);
  });

  test.runIf(waitsForReceiver)('of many leaves those gone that are', async () => {
    const { ours, theirs } = await unixPair();
    const controller = new AbortController();
    const messages = Array.from({ length: 2000 }, (_, i) => String(i));
    const sending = ours.sendMany(messages, undefined, controller);
    expect(await afterTurns(sending)).toBe(PENDING);
    controller.abort('reason');
    await expect(sending).rejects.toBe('reason');
    const seen: string[] = [];
    for (let next = theirs.tryReceive(); next !== null; next = theirs.tryReceive()) {
      seen.push(next.data.toString());
    }
    expect(seen.length).toBeGreaterThan(0);
    expect(seen).toEqual(messages.slice(0, seen.length));
  });
});

describe('close', () => {
  test.runIf(waitsForReceiver)('rejects who waits, and every call that comes later', async () => {
    const { ours, theirs } = await unixPair();
    fill(ours);
    const before = openDescriptors().length;
    const waiting = [ours.send('x'), ours.sendMany(['y']), ours.receive(Buffer.alloc(1))];
    ours.close();
    theirs.close();
    expect(openDescriptors()).toHaveLength(before - 2);
    for (const settled of await Promise.allSettled(waiting)) {
      expect(settled).toMatchObject({ status: 'rejected', reason: closed });
    }
    for (const late of [
      () => ours.receive(),
      () => ours.receive(Buffer.alloc(1)),
      () => ours.receiveMany(),
      () => ours.send('x'),
      () => ours.sendMany(['x']),
      () => ours.sendMany([]),
    ]) {
      await expect(late()).rejects.toMatchObject(closed);
    }
    const calls = [
      () => ours.tryReceive(),
      () => ours.trySend('x'),
      () => ours.configure({}),
      () => ours.join('239.1.2.3'),
      () => ours.leave('239.1.2.3'),
    ];
    for (const call of calls) expect(call).toThrow(expect.objectContaining(closed));
  });

  test('twice does nothing, and nothing is left to see', async () => {
    const { ours } = await pair();
    ours.close();
    ours.close();
    ours[Symbol.dispose]();
    expect(ours).toMatchObject({ fd: -1, closed: true, localAddress: null, remoteAddress: null });
    ours.ref().unref();
  });

  test('lets out what was sent', async () => {
    const { ours, theirs } = await pair();
    await ours.sendMany(['a', 'b']);
    ours.close();
    expect(await receiveAll(theirs, 2)).toEqual(['a', 'b']);
  });

  test('of the descriptor behind our back is told, and the number may be used again', async () => {
    const { ours, theirs } = await pair();
    const { fd } = theirs;
    descriptors.close(fd);
    await expect(theirs.receive()).rejects.toMatchObject({ code: 'EBADF' });
    await expect(theirs.send('x', { address: '127.0.0.1', port: 1 })).rejects.toMatchObject({
      code: 'EBADF',
      syscall: 'sendto',
    });
    theirs.close();
    ours.close();
  });
});

describe('the caller’s memory', () => {
  test('that is given away while a receive waits loses no datagram', async () => {
    const { ours, theirs } = await pair();
    const into = new Uint8Array(8);
    const waiting = theirs.receive(into);
    structuredClone(into.buffer, { transfer: [into.buffer] });
    await ours.send('kept');
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
    expect((await theirs.receive()).data.toString()).toBe('kept');
  });

  test('must have room', async () => {
    const { theirs } = await pair();
    const code = 'ERR_INVALID_ARG_VALUE';
    await expect(theirs.receive(new Uint8Array(0))).rejects.toMatchObject({ code });
    expect(() => theirs.tryReceive(new Uint8Array(0))).toThrow(expect.objectContaining({ code }));
  });

  test.runIf(waitsForReceiver)(
    'may be given away or written to once `send` has returned',
    async () => {
      const { ours, theirs } = await unixPair();
      const queued = fill(ours);
      const bytes = new Uint8Array(pattern(100));
      const sending = [ours.send(bytes), ours.sendMany([bytes, { data: bytes }])];
      structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
      // A detached array is one without bytes.
      sending.push(ours.send(bytes));
      const seen: Buffer[] = [];
      while (seen.length < queued + 4) seen.push((await theirs.receive()).data);
      await Promise.all(sending);
      const expected = [pattern(100), pattern(100), pattern(100), Buffer.alloc(0)];
      expect(seen.slice(queued)).toEqual(expected);
    },
  );

  test('is of a part of a buffer, or shared with another thread', async () => {
    const { ours, theirs } = await pair();
    const all = Buffer.from('0123456789');
    await ours.send(all.subarray(3, 6));
    await ours.sendMany([all.subarray(1, 3), { data: all.subarray(8) }]);
    const into = Buffer.alloc(10, '.');
    expect((await theirs.receive(into.subarray(2, 8))).length).toBe(3);
    expect(into.toString()).toBe('..345.....');
    expect(await receiveAll(theirs, 2)).toEqual(['12', '89']);
    const shared = new Uint8Array(new SharedArrayBuffer(4)).fill(65);
    await ours.send(shared);
    expect((await theirs.receive()).data.toString()).toBe('AAAA');
  });
});

describe('our memory', () => {
  test('is shared by small datagrams, so that none can be given away', async () => {
    const { ours, theirs } = await pair();
    await ours.sendMany(['a', 'b']);
    const [first, second] = await theirs.receiveMany();
    const buffer = first.data.buffer as ArrayBuffer;
    try {
      structuredClone(buffer, { transfer: [buffer] });
    } catch (error) {
      // Of Node 21 and later; before, it is copied.
      expect(error).toMatchObject({ name: 'DataCloneError' });
    }
    expect([first, second].map(({ data }) => data.toString())).toEqual(['a', 'b']);
    await ours.send('c');
    expect((await theirs.receive()).data.toString()).toBe('c');
  });

  test('is that of one datagram only, however many follow', async () => {
    const { ours, theirs } = await pair();
    const sizes = [1, 100, 16_384, 16_385, 60_000, 7, 5000, 0, 5000, 5000, 5000, 3];
    const kept: Buffer[] = [];
    for (const [i, size] of sizes.entries()) {
      await ours.send(pattern(size + i).subarray(i));
      kept.push((i % 2 === 0 ? await theirs.receive() : (await theirs.receiveMany())[0]).data);
    }
    expect(kept).toEqual(sizes.map((size, i) => pattern(size + i).subarray(i)));
  });
});

describe('misuse', () => {
  const TYPE = 'ERR_INVALID_ARG_TYPE';

  test('is refused before anything happens', async () => {
    const { ours, theirs } = await pair();
    const own = theirs.localAddress as InternetAddress;
    const failing: [() => Promise<unknown>, string][] = [
      [() => ours.send(1 as never), TYPE],
      [() => ours.send(undefined as never), TYPE],
      [() => ours.send(new Uint16Array(1) as never), TYPE],
      [() => ours.send('x', 1 as never), TYPE],
      [() => ours.send('x', {} as never), TYPE],
      [() => ours.send('x', null as never), TYPE],
      [() => ours.send('x', { ...own, port: '1' } as never), TYPE],
      [() => ours.send('x', { ...own, port: 65_536 }), 'ERR_OUT_OF_RANGE'],
      [() => ours.send('x', { ...own, address: '::1' }), 'EAFNOSUPPORT'],
      [() => ours.send('x', own, { ttl: '1' } as never), TYPE],
      [() => ours.send('x', own, { source: 'localhost' }), 'ERR_INVALID_ARG_VALUE'],
      [() => ours.send('x', own, { source: '::1' }), 'ERR_INVALID_ARG_VALUE'],
      [() => ours.send('x', own, { interface: 'no such' }), 'ENODEV'],
      [() => ours.send('x', own, 1 as never), TYPE],
      [() => ours.send('x', own, { signal: {} } as never), TYPE],
      [() => ours.receive(1 as never), TYPE],
      [() => ours.receive('x' as never), TYPE],
      [() => ours.receive(Buffer.alloc(1), { signal: 1 } as never), TYPE],
      [() => ours.receiveMany({ max: 0 }), 'ERR_OUT_OF_RANGE'],
      [() => ours.receiveMany({ max: '1' } as never), TYPE],
      [() => ours.receiveMany(1 as never), TYPE],
    ];
    for (const [call, code] of failing) await expect(call()).rejects.toMatchObject({ code });
    expect(() => ours.tryReceive('x' as never)).toThrow(expect.objectContaining({ code: TYPE }));
    expect(() => ours.trySend(null as never)).toThrow(expect.objectContaining({ code: TYPE }));
    expect(theirs.tryReceive()).toBeNull();
  });

  test('of an iterable that throws is the user’s own error', async () => {
    const { ours, theirs } = await pair();
    function* failing(): Generator<string> {
      yield 'x';
      throw new Error('own');
    }
    await expect(ours.sendMany(failing())).rejects.toThrow('own');
    expect(theirs.tryReceive()).toBeNull();
  });

  test('of a getter that detaches what comes before it sends what is left', async () => {
    const { ours, theirs } = await pair();
    const bytes = new Uint8Array(pattern(8));
    const message = {
      get data() {
        structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
        return 'last';
      },
    };
    await ours.sendMany([bytes, message]);
    expect(await receiveAll(theirs, 2)).toEqual(['', 'last']);
  });

  test('of one socket by two loops is ERR_BUSY for the second', async () => {
    const { socket } = await bound();
    const first = socket[Symbol.asyncIterator]();
    const second = socket[Symbol.asyncIterator]();
    const waiting = first.next();
    await expect(second.next()).rejects.toMatchObject({ code: 'ERR_BUSY' });
    socket.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  test('that is left while it waits has no more, and takes no datagram', async () => {
    const { ours, theirs } = await pair();
    const loop = theirs[Symbol.asyncIterator]();
    const waiting = loop.next();
    expect(await loop.return?.()).toEqual({ done: true, value: undefined });
    expect(await waiting).toEqual({ done: true, value: undefined });
    await ours.send('kept');
    expect(String((await theirs.receive()).data)).toBe('kept');
    expect(await loop.next()).toEqual({ done: true, value: undefined });
  });

  test('that is left does not end another one that waits', async () => {
    const { ours, theirs } = await pair();
    const [left, refused, other] = Array.from({ length: 3 }, () => theirs[Symbol.asyncIterator]());
    await ours.send('first');
    expect((await left.next()).done).toBe(false);
    const waiting = other.next();
    const busy = expect(refused.next()).rejects.toMatchObject({ code: 'ERR_BUSY' });
    await left.return?.();
    await refused.return?.();
    await busy;
    await ours.send('second');
    expect(String((await waiting).value?.data)).toBe('second');
  });
});

test('a socket that is closed leaves nothing registered', async () => {
  const before = reactor.statistics();
  const { ours, theirs } = await pair();
  const waiting = theirs.receive();
  await ours.send('x');
  await waiting;
  ours.close();
  theirs.close();
  expect(reactor.statistics()).toEqual(before);
});
