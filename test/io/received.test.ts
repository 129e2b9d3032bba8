import { describe, expect, test, vi } from 'vitest';
import type { Channel } from '../../lib/io/channel';
import { Received } from '../../lib/io/stream/received';
import { SeparatorSearch } from '../../lib/io/stream/separators';
import { pattern } from './peers';

/** Delivers the bytes, so many at a time. */
function channelOf(bytes: Buffer, atOnce: number): Channel {
  let at = 0;
  const receive = (into: Uint8Array): number => {
    const count = bytes.copy(into, 0, at, Math.min(at + atOnce, at + into.length));
    at += count;
    return count;
  };
  return { receive } as unknown as Channel;
}

describe('what has been received', () => {
  test('stands in no buffer of its own when all of it was taken', () => {
    const received = new Received();
    received.fill(channelOf(pattern(1000), 1000));
    const shared = received.view.buffer;
    received.skip(400);
    received.keep();
    expect(received.view.buffer).not.toBe(shared);
    expect(received.view.equals(pattern(1000).subarray(400))).toBe(true);
    received.skip(600);
    received.keep();
    expect(received.view.buffer.byteLength).toBe(0);
  });

  test('is not changed by what another stream receives', () => {
    const [one, other] = [new Received(), new Received()];
    one.fill(channelOf(Buffer.alloc(1000, 1), 1000));
    one.keep();
    other.fill(channelOf(Buffer.alloc(1000, 2), 1000));
    expect(one.view.every((byte) => byte === 1)).toBe(true);
    const [copy, taken] = [other.copy(500), other.take(500)];
    other.fill(channelOf(Buffer.alloc(1000, 3), 1000));
    expect(copy.equals(taken) && taken.every((byte) => byte === 2)).toBe(true);
  });

  test('moves a bounded number of times while it grows, in pieces of whatever size', () => {
    for (const atOnce of [1000, 65536]) {
      const bytes = pattern(2 << 20);
      const channel = channelOf(bytes, atOnce);
      const received = new Received();
      const buffers = new Set<unknown>();
      while (received.fill(channel) > 0) {
        received.keep();
        buffers.add(received.view.buffer);
      }
      expect(received.view.equals(bytes)).toBe(true);
      expect(buffers.size).toBeLessThan(20);
    }
  });
});

describe('the search for separators', () => {
  /** How many bytes are looked at while it runs, in all. */
  function lookedAt(search: () => void): number {
    let sum = 0;
    const original = (Buffer.prototype as Buffer).indexOf as (...args: unknown[]) => number;
    const spy = vi.spyOn(Buffer.prototype, 'indexOf');
    spy.mockImplementation(function (this: unknown, ...args: unknown[]): number {
      const bytes = this as Buffer;
      const found = original.apply(bytes, args);
      sum += (found === -1 ? bytes.length : found) - ((args[1] as number | undefined) ?? 0);
      return found;
    });
    try {
      search();
    } finally {
      spy.mockRestore();
    }
    return sum;
  }

  test('looks at bytes that become more once', () => {
    const bytes = Buffer.alloc(20_000, 'x');
    for (const separators of ['--', ['--', '==']]) {
      const search = new SeparatorSearch(separators);
      const sum = lookedAt(() => {
        for (let length = 1; length <= bytes.length; length++) {
          expect(search.find(bytes.subarray(0, length), false)).toBe(false);
        }
      });
      expect(sum).toBeLessThan(5 * bytes.length);
    }
  });

  test('of a rare one does not go beyond where the frequent one is found', () => {
    const record = Buffer.from('x'.repeat(99) + '\n');
    const bytes = Buffer.concat(Array.from({ length: 600 }, () => record));
    const sum = lookedAt(() => {
      for (let at = 0; at < bytes.length; at += record.length) {
        const search = new SeparatorSearch(['\r\r', '\n']);
        expect(search.find(bytes.subarray(at), true)).toBe(true);
        expect(search.end).toBe(record.length);
      }
    });
    expect(sum).toBeLessThan(5 * bytes.length);
  });
});
