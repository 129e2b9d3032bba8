import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { readable } from '../../lib/index';
import { Stream } from '../../lib/net';
import { descriptors } from '../support/descriptors';
import { tracked } from '../support/opened';
import { pair, pattern, readAll, readBytes, toNode } from './peers';
import { fill, isPending, rejection, Resizable, tinyBuffer } from './pressure';

/** Cut into pieces of these lengths, in turn. */
function cut(bytes: Buffer, ...lengths: number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let offset = 0, i = 0; offset < bytes.length; i++) {
    const length = lengths[i % lengths.length];
    pieces.push(bytes.subarray(offset, offset + length));
    offset += length;
  }
  return pieces;
}

describe('writev', () => {
  test('hands over bytes and strings in their order', async () => {
    const { ours, theirs } = await pair();
    await ours.writev(['grüße ', Buffer.from('abc'), '', new Uint8Array([48, 49])]);
    await ours.writev([]);
    await ours.writev(['']);
    await ours.writev(new Set(['x', 'y']));
    await ours.close();
    expect((await readAll(theirs)).toString()).toBe('grüße abc01xy');
    expect(ours.bytesWritten).toBe(15);
  });

  test.each([
    ['small ones, which are copied together', 5_000, [1, 70, 300]],
    ['large ones, which are handed over where they are', 200_000, [20_000, 1, 5_000]],
    ['more of them than one call takes', 30_000, [7, 5]],
    ['one', 100, [100]],
  ])('delivers %s', async (_, length, lengths) => {
    const { ours, theirs } = await pair();
    const bytes = pattern(length);
    const reading = readBytes(theirs, length);
    await ours.writev(cut(bytes, ...lengths));
    expect((await reading).equals(bytes)).toBe(true);
    expect(ours.bytesWritten).toBe(length);
  });

  test.each([[[10, 3000, 1]], [[40_000, 1, 0, 20]]])(
    'goes on where the kernel stopped, in pieces of %j',
    async (lengths) => {
      const { ours, theirs } = await pair();
      tinyBuffer(ours);
      const bytes = pattern(400_000);
      const reading = readBytes(theirs, bytes.length);
      await ours.writev([
        ...cut(bytes, ...lengths.filter((length) => length > 0)),
        Buffer.alloc(0),
      ]);
      expect((await reading).equals(bytes)).toBe(true);
      expect(ours.bytesWritten).toBe(bytes.length);
    },
  );

  test('keeps the order with writes before and after it', async () => {
    const { ours, theirs } = await pair();
    const taken = fill(ours);
    const finished: number[] = [];
    const writing = [
      ours.write('a'),
      ours.writev(['b', 'c']),
      ours.writev([]),
      ours.write('def', 1, 1),
      ours.writev(['f', Buffer.alloc(100_000, 'g')]),
      ours.write('h'),
    ].map((promise, index) => promise.then(() => finished.push(index)));
    expect(await isPending(Promise.race(writing))).toBe(true);
    const received = (await readBytes(theirs, taken + 100_006)).subarray(taken).toString();
    await Promise.all(writing);
    expect(received).toBe(`abcef${'g'.repeat(100_000)}h`);
    expect(finished).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('sends nothing when one of the chunks is none', async () => {
    const { ours, theirs } = await pair();
    const wrong = [
      ['a', 5],
      ['a', null],
      [['a']],
      5,
      null,
      undefined,
      new Uint8Array([1, 2]),
    ] as unknown as string[][];
    for (const chunks of wrong) {
      const { code } = await rejection(ours.writev(chunks));
      expect(code).toBe('ERR_INVALID_ARG_TYPE');
    }
    await ours.close();
    expect((await rejection(ours.writev(['a']))).code).toBe('ERR_CLOSED');
    expect(await readAll(theirs)).toHaveLength(0);
  });

  test('of a chunk that is given away meanwhile is rejected, and others are not harmed', async () => {
    const { ours, theirs } = await pair();
    const taken = fill(ours);
    const given = new Uint8Array(1000);
    const answers = Promise.allSettled([
      ours.writev(['before', '-']),
      ours.writev(['first', given, 'never sent']),
      ours.writev(['-', 'behind']),
    ]);
    structuredClone(given, { transfer: [given.buffer] });
    const closing = ours.close();
    const received = await readAll(theirs);
    await closing;
    expect((await answers).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(received.subarray(taken).toString()).toBe('before-first-behind');
  });

  test('of a chunk that is empty and given away sends the others, at once and meanwhile', async () => {
    const { ours, theirs } = await pair();
    const given = new Uint8Array(0);
    structuredClone(given, { transfer: [given.buffer] });
    await ours.writev(['a', given, 'b']);
    const taken = fill(ours);
    const later = new Uint8Array(0);
    const writing = [ours.write('c'), ours.write(later), ours.writev(['d', later, 'e'])];
    structuredClone(later, { transfer: [later.buffer] });
    const received = await readBytes(theirs, 2 + taken + 3);
    expect([received.subarray(0, 2), received.subarray(2 + taken)].map(String)).toEqual([
      'ab',
      'cde',
    ]);
    await Promise.all(writing);
  });

  test('of a chunk that grows meanwhile sends what it was', async () => {
    const { ours, theirs } = await pair();
    const taken = fill(ours);
    const memory = new Resizable(3, { maxByteLength: 100 });
    const writing = ours.writev([new Uint8Array(memory).fill(65), 'b']);
    memory.resize(100);
    expect((await readBytes(theirs, taken + 4)).subarray(taken).toString()).toBe('AAAb');
    await writing;
  });

  test('is rejected by a reset, with what waits behind it', async () => {
    const { ours, theirs } = await pair();
    fill(ours);
    const big = Buffer.alloc(50_000);
    const writing = [ours.writev([big, big]), ours.writev(['a', 'b'])].map(rejection);
    // Closing with unread data resets the connection.
    await readable(theirs);
    theirs.destroy();
    for (const error of await Promise.all(writing)) {
      expect(error).toMatchObject({
        code: expect.stringMatching(/^(ECONNRESET|EPIPE)$/) as string,
        syscall: 'sendmsg',
        fd: ours.fd,
      });
    }
    expect(await rejection(ours.writev([big, big]))).toMatchObject({ code: 'EPIPE' });
    expect(await rejection(ours.writev(['a', 'b']))).toMatchObject({ syscall: 'send' });
  });

  test('arrives at node:net', async () => {
    const { stream, socket } = await toNode();
    const bytes = pattern(300_000);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    const ended = once(socket, 'end');
    await stream.writev(cut(bytes, 100_000, 3, 3000));
    await stream.close();
    await ended;
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  test('goes through a pipe', async () => {
    const [reader, writer] = descriptors.pipe();
    const [input, output] = [reader, writer].map((fd) => tracked(Stream.fromFd(fd)));
    const bytes = pattern(300_000);
    const reading = readAll(input);
    await output.writev(cut(bytes, 100_000, 3, 3000));
    await output.close();
    expect((await reading).equals(bytes)).toBe(true);
    input.destroy();
  });
});
