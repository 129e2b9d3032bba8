import { describe, expect, test, vi } from 'vitest';
import { tcp } from '../../lib/io/stream/transport';
import { PRIORITY, reactor, readable } from '../../lib/index';
import { select } from '../../lib/select';
import { descriptors } from '../support/descriptors';
import { errnoOf } from '../support/errno';
import { received } from '../conformance/stream-subject';
import { fromNode, pair, pattern, readAll, readBytes, toNode } from './peers';
import { RESET, writeUntilTold } from './pressure';

describe('read', () => {
  test('waits for data, and answers with how much there was', async () => {
    const { ours, theirs } = await pair();
    const buffer = Buffer.alloc(100);
    const reading = ours.read(buffer);
    await theirs.write('hello');
    expect(await reading).toBe(5);
    expect(buffer.toString('utf8', 0, 5)).toBe('hello');
    expect(ours.bytesRead).toBe(5);
  });

  test('answers at once with data that is there', async () => {
    const { ours, theirs } = await pair();
    await theirs.write('hello');
    await readable(ours);
    expect(await ours.read(Buffer.alloc(100))).toBe(5);
  });

  test('fills a small buffer and leaves the rest for the next one', async () => {
    const { ours, theirs } = await pair();
    await theirs.write('abcdefg');
    await readable(ours);
    const parts: string[] = [];
    while (parts.join('').length < 7) {
      const buffer = Buffer.alloc(3);
      parts.push(buffer.toString('utf8', 0, await ours.read(buffer)));
    }
    expect(parts).toEqual(['abc', 'def', 'g']);
    // Nothing is left, and nothing is lost: the next one waits for more.
    const reading = ours.read(Buffer.alloc(3));
    await theirs.write('h');
    expect(await reading).toBe(1);
  });

  test('writes into the view that it was given, and nowhere else', async () => {
    const { ours, theirs } = await pair();
    const whole = new Uint8Array(10).fill(0xff);
    const reading = ours.read(whole.subarray(3, 6));
    await theirs.write(new Uint8Array([1, 2, 3, 4]));
    expect(await reading).toBe(3);
    expect([...whole]).toEqual([255, 255, 255, 1, 2, 3, 255, 255, 255, 255]);
  });

  test('answers with 0 at the end, again and again', async () => {
    const { ours, theirs } = await pair();
    const reading = ours.read(Buffer.alloc(1));
    await theirs.close();
    expect(await reading).toBe(0);
    for (let i = 0; i < 100; i++) expect(await ours.read(Buffer.alloc(1))).toBe(0);
    expect(ours.tryRead(Buffer.alloc(1))).toBe(0);
    expect(ours.closed).toBe(false);
  });

  test('delivers what was sent before the end, however small the buffer', async () => {
    const { ours, theirs } = await pair();
    const reading = ours.read(Buffer.alloc(1));
    const bytes = pattern(10_000);
    await theirs.write(bytes);
    await theirs.close();
    expect(await reading).toBe(1);
    expect((await readAll(ours)).equals(bytes.subarray(1))).toBe(true);
  });

  test('delivers what came together with the end in one short read, then the end', async () => {
    const { ours, theirs } = await pair();
    const buffer = Buffer.alloc(100);
    const first = ours.read(buffer);
    await theirs.write('x');
    expect(await first).toBe(1);
    // Both are there before anybody looks, so there is one event for both.
    await theirs.write('last words');
    await theirs.close();
    expect(await ours.read(buffer)).toBe(10);
    expect(await ours.read(buffer)).toBe(0);
  });

  test('delivers what was sent before a reset, and then ECONNRESET', async () => {
    const { ours, theirs } = await pair();
    const waiting = ours.read(Buffer.alloc(1));
    await theirs.write('xlast words');
    expect(await waiting).toBe(1);
    descriptors.resetOnClose(theirs.fd);
    theirs.destroy();
    expect((await readBytes(ours, 10)).toString()).toBe('last words');
    await expect(ours.read(Buffer.alloc(1))).rejects.toMatchObject({
      code: 'ECONNRESET',
      syscall: 'recv',
      fd: ours.fd,
    });
  });

  test('that waits is rejected by a reset', async () => {
    const { ours, theirs } = await pair();
    const reading = ours.read(Buffer.alloc(1));
    descriptors.resetOnClose(theirs.fd);
    theirs.destroy();
    await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test.each(['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTDOWN', 'ENONET', 'EPROTO'])(
    'is rejected by what a write was told first, and the kernel says once: %s',
    async (code) => {
      const { ours, theirs } = await pair();
      vi.spyOn(tcp, 'send').mockReturnValueOnce(errnoOf(code));
      await expect(ours.write('x')).rejects.toMatchObject({ code, syscall: 'send' });
      // After that the kernel reports the end.
      await theirs.shutdown();
      await expect(ours.read(Buffer.alloc(1))).rejects.toMatchObject({ code, syscall: 'recv' });
    },
  );

  test('is rejected by a reset that a write was told first, and so is every later one', async () => {
    const { ours, theirs } = await pair();
    const reset = { code: 'ECONNRESET', syscall: 'recv', fd: ours.fd };
    const all = ours.readAll();
    await theirs.write('half of it');
    await received(ours, 10);
    descriptors.resetOnClose(theirs.fd);
    theirs.destroy();
    expect(() => writeUntilTold(ours)).toThrow(expect.objectContaining({ code: RESET }));
    await expect(all).rejects.toMatchObject(reset);
    expect((await readBytes(ours, 10)).toString()).toBe('half of it');
    for (let i = 0; i < 3; i++) await expect(ours.readSome()).rejects.toMatchObject(reset);
  });

  test('is ERR_BUSY while another one waits, which is not disturbed', async () => {
    const { ours, theirs } = await pair();
    const first = Buffer.alloc(10);
    const reading = ours.read(first);
    const busy = { code: 'ERR_BUSY' };
    await expect(ours.read(Buffer.alloc(10))).rejects.toMatchObject(busy);
    expect(() => ours.tryRead(Buffer.alloc(10))).toThrow(expect.objectContaining(busy));
    await theirs.write('hello');
    expect(await reading).toBe(5);
    expect(first.toString('utf8', 0, 5)).toBe('hello');
  });

  test('refuses what is no buffer, or has no room', async () => {
    const { ours } = await pair();
    for (const into of ['x', null, [1], new Float64Array(1)]) {
      const wrong = into as unknown as Uint8Array;
      await expect(ours.read(wrong)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
      expect(() => ours.tryRead(wrong)).toThrow(TypeError);
    }
    await expect(ours.read(new Uint8Array(0))).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
    });
  });

  test('into a buffer that is given away meanwhile is rejected, and loses nothing', async () => {
    const { ours, theirs } = await pair();
    const buffer = new Uint8Array(10);
    const reading = ours.read(buffer);
    structuredClone(buffer, { transfer: [buffer.buffer] });
    await theirs.write('hello');
    await expect(reading).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
    expect((await readBytes(ours, 5)).toString()).toBe('hello');
  });
});

describe('urgent data', () => {
  test('does not stall a read: what stands behind it is delivered', async () => {
    const { ours, theirs } = await pair();
    const buffer = Buffer.alloc(100);
    const first = ours.read(buffer);
    await theirs.write('x');
    expect(await first).toBe(1);
    await theirs.write('before');
    descriptors.sendUrgent(theirs.fd);
    await theirs.write('behind');
    expect((await readBytes(ours, 12)).toString()).toBe('beforebehind');
  });

  test('does not stall a read that waits', async () => {
    const { ours, theirs } = await pair();
    const reading = readBytes(ours, 12);
    await theirs.write('before');
    descriptors.sendUrgent(theirs.fd);
    await theirs.write('behind');
    expect((await reading).toString()).toBe('beforebehind');
  });

  test('can be waited for beside the stream', async () => {
    const { ours, theirs } = await pair();
    const urgent = reactor.ready(ours, PRIORITY);
    const reading = ours.read(Buffer.alloc(10));
    descriptors.sendUrgent(theirs.fd);
    expect(await urgent).toMatchObject({ priority: true });
    await theirs.write('x');
    expect(await reading).toBe(1);
  });
});

describe('tryRead', () => {
  test('answers with -1 when there is nothing, else with what there is', async () => {
    const { ours, theirs } = await pair();
    const buffer = Buffer.alloc(10);
    expect(ours.tryRead(buffer)).toBe(-1);
    await theirs.write('hello');
    await readable(ours);
    expect(ours.tryRead(buffer)).toBe(5);
    expect(ours.tryRead(buffer)).toBe(-1);
    expect(ours.bytesRead).toBe(5);
  });

  test('answers what the kernel says, whether or not the event loop has had its turn', async () => {
    const { ours, theirs } = await pair();
    const buffer = Buffer.alloc(10);
    const available = (): void => void select([ours], [], [], { timeout: 20_000 });
    expect(ours.tryRead(buffer)).toBe(-1);
    for (const message of ['one', 'two']) {
      theirs.tryWrite(message);
      available();
      expect(buffer.toString('utf8', 0, ours.tryRead(buffer))).toBe(message);
      expect(ours.tryRead(buffer)).toBe(-1);
    }
    const third = ours.read(buffer);
    await theirs.write('three');
    expect(await third).toBe(5);
    theirs.destroy();
    available();
    expect(ours.tryRead(buffer)).toBe(0);
    expect(await ours.read(buffer)).toBe(0);
  });

  test('goes together with readable, before and after the stream itself has waited', async () => {
    const { ours, theirs } = await pair();
    const buffer = Buffer.alloc(10);
    const take = async (): Promise<string> => {
      for (;;) {
        const count = ours.tryRead(buffer);
        if (count >= 0) return buffer.toString('utf8', 0, count);
        await readable(ours);
      }
    };
    const first = take();
    await theirs.write('one');
    expect(await first).toBe('one');
    const reading = ours.read(buffer);
    await theirs.write('two');
    expect(await reading).toBe(3);
    const third = take();
    await theirs.write('three');
    expect(await third).toBe('three');
    const end = take();
    await theirs.close();
    expect(await end).toBe('');
  });

  test('throws what a read would be rejected with', async () => {
    const { ours, theirs } = await pair();
    descriptors.resetOnClose(theirs.fd);
    theirs.destroy();
    await readable(ours);
    expect(() => ours.tryRead(Buffer.alloc(1))).toThrow(
      expect.objectContaining({ code: 'ECONNRESET' }),
    );
    ours.destroy();
    expect(() => ours.tryRead(Buffer.alloc(1))).toThrow(
      expect.objectContaining({ code: 'ERR_CLOSED' }),
    );
  });
});

describe.each([
  ['that node:net has accepted', toNode],
  ['that node:net has made', fromNode],
])('a connection %s', (_, connection) => {
  test('carries bytes both ways, and the end of each', async () => {
    const { stream, socket } = await connection();
    const bytes = pattern(300_000);
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk));
    const ended = new Promise((resolve) => socket.once('end', resolve));
    socket.end(bytes);
    const [echoed] = await Promise.all([
      readAll(stream),
      stream.write(bytes).then(() => stream.shutdown()),
      ended,
    ]);
    expect(echoed.equals(bytes)).toBe(true);
    expect(Buffer.concat(received).equals(bytes)).toBe(true);
    expect(stream.bytesRead).toBe(300_000);
    expect(stream.bytesWritten).toBe(300_000);
  });

  test('knows both its addresses', async () => {
    const { stream, socket } = await connection();
    expect(stream.localAddress).toEqual({
      address: socket.remoteAddress,
      port: socket.remotePort,
      family: 'IPv4',
    });
    expect(stream.remoteAddress).toEqual({
      address: socket.localAddress,
      port: socket.localPort,
      family: 'IPv4',
    });
    stream.destroy();
    expect(stream).toMatchObject({ localAddress: null, remoteAddress: null, fd: -1 });
  });
});

describe('for await that is left while it waits', () => {
  test('has no more, and takes no bytes', async () => {
    const { ours, theirs } = await pair();
    const loop = ours[Symbol.asyncIterator]();
    const waiting = loop.next();
    expect(await loop.return?.()).toEqual({ done: true, value: undefined });
    expect(await waiting).toEqual({ done: true, value: undefined });
    await theirs.write('kept\n');
    expect(await ours.readLine()).toBe('kept');
    expect(await loop.next()).toEqual({ done: true, value: undefined });
  });

  test('leaves a read alone that is not its own', async () => {
    const { ours, theirs } = await pair();
    const loop = ours[Symbol.asyncIterator]();
    const reading = ours.readLine();
    await loop.return?.();
    await theirs.write('still read\n');
    expect(await reading).toBe('still read');
  });
});
