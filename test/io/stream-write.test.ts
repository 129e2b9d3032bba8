import { describe, expect, test } from 'vitest';
import { readable, writable } from '../../lib/index';
import { select } from '../../lib/select';
import { pair, pattern, readAll, readBytes } from './peers';
import { fill, isPending, Resizable, tinyBuffer } from './pressure';

describe('write', () => {
  test('hands over bytes and strings, whole and in part', async () => {
    const { ours, theirs } = await pair();
    await ours.write('grüße ');
    await ours.write(Buffer.from('abcdef'), 2);
    await ours.write(new Uint8Array([48, 49, 50, 51]), 1, 2);
    await ours.write('');
    await ours.close();
    expect((await readAll(theirs)).toString()).toBe('grüße cdef12');
    expect(ours.bytesWritten).toBe(14);
  });

  test('delivers everything in order through buffers that are far too small', async () => {
    const { ours, theirs } = await pair();
    tinyBuffer(ours);
    const bytes = pattern(400_000);
    const reading = readBytes(theirs, bytes.length);
    await ours.write(bytes);
    expect((await reading).equals(bytes)).toBe(true);
    expect(ours.bytesWritten).toBe(bytes.length);
  });

  test('keeps the order of writes that are under way together', async () => {
    const { ours, theirs } = await pair();
    tinyBuffer(ours);
    const finished: number[] = [];
    const writing = Array.from({ length: 50 }, (_, i) =>
      ours.write(Buffer.alloc(3000, i)).then(() => finished.push(i)),
    );
    const received = await readBytes(theirs, 150_000);
    await Promise.all(writing);
    const wanted = Buffer.concat(Array.from({ length: 50 }, (_, i) => Buffer.alloc(3000, i)));
    expect(received.equals(wanted)).toBe(true);
    expect(finished).toEqual(finished.toSorted((a, b) => a - b));
  });

  test('keeps the place of an empty one', async () => {
    const { ours, theirs } = await pair();
    const taken = fill(ours);
    const finished: string[] = [];
    const writing = [
      ours.write('abc').then(() => finished.push('abc')),
      ours.write('').then(() => finished.push('')),
      ours.write('def').then(() => finished.push('def')),
    ];
    expect(await isPending(Promise.race(writing))).toBe(true);
    await readBytes(theirs, taken);
    await Promise.all(writing);
    expect(finished).toEqual(['abc', '', 'def']);
    expect((await readBytes(theirs, 6)).toString()).toBe('abcdef');
  });

  test('resolves when the kernel has taken it, not before', async () => {
    const { ours, theirs } = await pair();
    const taken = fill(ours);
    const writing = ours.write('x');
    expect(await isPending(writing)).toBe(true);
    await readBytes(theirs, taken);
    await writing;
    expect((await readBytes(theirs, 1)).toString()).toBe('x');
  });

  test('and a read do not wait for each other', async () => {
    const { ours, theirs } = await pair();
    const reading = ours.read(Buffer.alloc(10));
    const taken = fill(ours);
    const writing = ours.write('x');
    await theirs.write('hello');
    expect(await reading).toBe(5);
    expect(await isPending(writing)).toBe(true);
    const again = ours.read(Buffer.alloc(10));
    await readBytes(theirs, taken);
    await writing;
    expect((await readBytes(theirs, 1)).toString()).toBe('x');
    expect(await isPending(again)).toBe(true);
    await theirs.close();
    expect(await again).toBe(0);
  });

  test('that waits is rejected by a reset, with all that wait behind it', async () => {
    const { ours, theirs } = await pair();
    fill(ours);
    const writing = [ours.write('a'), ours.write('b'), ours.write('c')].map((promise) =>
      promise.then(
        () => 'written',
        (error: unknown) => error as { code: string; syscall: string },
      ),
    );
    // Closing with unread data resets the connection.
    await readable(theirs);
    theirs.destroy();
    for (const answer of await Promise.all(writing)) {
      expect(answer).toMatchObject({
        code: expect.stringMatching(/^(ECONNRESET|EPIPE)$/) as string,
        syscall: 'send',
      });
    }
    await expect(ours.write('d')).rejects.toMatchObject({ code: 'EPIPE' });
    expect(ours.closed).toBe(false);
  });

  test('to one who has gone is rejected sooner or later', async () => {
    const { ours, theirs } = await pair();
    await theirs.close();
    const chunk = Buffer.alloc(1000);
    const flood = async (): Promise<never> => {
      for (;;) await ours.write(chunk);
    };
    await expect(flood()).rejects.toMatchObject({
      code: expect.stringMatching(/^(ECONNRESET|EPIPE)$/) as string,
      syscall: 'send',
    });
  });

  test('refuses what is no chunk, and what is out of its range', async () => {
    const { ours, theirs } = await pair();
    const wrong: [unknown, unknown, unknown, string][] = [
      [5, undefined, undefined, 'ERR_INVALID_ARG_TYPE'],
      [null, undefined, undefined, 'ERR_INVALID_ARG_TYPE'],
      ['abc', 4, undefined, 'ERR_OUT_OF_RANGE'],
      ['abc', -1, undefined, 'ERR_OUT_OF_RANGE'],
      ['abc', 1, 3, 'ERR_OUT_OF_RANGE'],
      ['abc', 0.5, undefined, 'ERR_OUT_OF_RANGE'],
      ['abc', '1', undefined, 'ERR_INVALID_ARG_TYPE'],
    ];
    for (const [chunk, offset, length, code] of wrong) {
      const writing = ours.write(chunk as string, offset as number, length as number);
      await expect(writing).rejects.toMatchObject({ code });
    }
    expect(() => ours.tryWrite(5 as unknown as string)).toThrow(TypeError);
    await ours.close();
    expect(await readAll(theirs)).toHaveLength(0);
  });

  test('of a buffer that is given away meanwhile is rejected, and holds up nobody', async () => {
    const { ours, theirs } = await pair();
    const taken = fill(ours);
    const bytes = new Uint8Array(1000);
    const answers = [ours.write(bytes), ours.write('behind')].map((promise) =>
      promise.then(
        () => 'written',
        () => 'rejected',
      ),
    );
    structuredClone(bytes, { transfer: [bytes.buffer] });
    const closing = ours.close();
    const received = await readAll(theirs);
    await closing;
    expect(await Promise.all(answers)).toEqual(['rejected', 'written']);
    expect(received.subarray(taken).toString()).toBe('behind');
  });

  test('of a buffer that shrinks meanwhile sends nothing that is not in it', async () => {
    const { ours, theirs } = await pair();
    tinyBuffer(ours);
    const length = 1 << 20;
    const memory = new Resizable(length, { maxByteLength: length });
    const writing = ours.write(new Uint8Array(memory).fill(1)).then(
      () => 'written',
      () => 'rejected',
    );
    memory.resize(10);
    const closing = ours.close();
    const received = await readAll(theirs);
    await closing;
    expect(await writing).toBe('rejected');
    expect(received.length).toBeLessThan(length);
    expect(received.every((byte) => byte === 1)).toBe(true);
  });
});

describe('tryWrite', () => {
  test('answers with what the kernel takes, and with -1 when that is nothing', async () => {
    const { ours, theirs } = await pair();
    const bytes = pattern(1 << 24);
    const taken = ours.tryWrite(bytes);
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(bytes.length);
    const more = fill(ours); // until it answers with -1
    expect(ours.bytesWritten).toBe(taken + more);
    const received = await readBytes(theirs, taken);
    expect(received.equals(bytes.subarray(0, taken))).toBe(true);
  });

  test('answers what the kernel says, whether or not the event loop has had its turn', async () => {
    const { ours, theirs } = await pair();
    const taken = fill(ours);
    const buffer = Buffer.alloc(1 << 20);
    const room = (): boolean => select([], [ours], [], { timeout: 0 }).writable.length > 0;
    while (!room()) theirs.tryRead(buffer);
    expect(ours.tryWrite('x')).toBe(1);
    await ours.write('y');
    const left = taken + 2 - theirs.bytesRead;
    expect((await readBytes(theirs, left)).subarray(-2).toString()).toBe('xy');
  });

  test('goes together with writable', async () => {
    const { ours, theirs } = await pair();
    tinyBuffer(ours);
    const bytes = pattern(200_000);
    const reading = readBytes(theirs, bytes.length);
    let offset = 0;
    while (offset < bytes.length) {
      const count = ours.tryWrite(bytes.subarray(offset));
      if (count === -1) await writable(ours);
      else offset += count;
    }
    expect((await reading).equals(bytes)).toBe(true);
  });

  test('is ERR_BUSY while a write is under way, whose bytes come first', async () => {
    const { ours, theirs } = await pair();
    const taken = fill(ours);
    const writing = ours.write('first');
    expect(() => ours.tryWrite('second')).toThrow(expect.objectContaining({ code: 'ERR_BUSY' }));
    await readBytes(theirs, taken);
    await writing;
    expect(ours.tryWrite('second')).toBe(6);
    expect((await readBytes(theirs, 11)).toString()).toBe('firstsecond');
  });
});
