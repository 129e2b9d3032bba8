import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Stream } from '../../lib/net';
import { inPieces, type StreamSubject } from './stream-subject';

const buffer = Buffer.alloc(10);
const kinds: Record<string, (stream: Stream, signal?: AbortSignal) => Promise<unknown>> = {
  read: (stream, signal) => stream.read(buffer, { signal }),
  readSome: (stream, signal) => stream.readSome(5, { signal }),
  readExactly: (stream, signal) => stream.readExactly(5, { signal }),
  readUntil: (stream, signal) => stream.readUntil('\n', { signal }),
  readLine: (stream, signal) => stream.readLine({ signal }),
  readAll: (stream, signal) => stream.readAll({ signal }),
  'peek of a number': (stream, signal) => stream.peek(5, { signal }),
  peek: (stream, signal) => stream.peek(undefined, { signal }),
};
const closed = { code: 'ERR_CLOSED' };

export function describeAbort({ open }: StreamSubject): void {
  describe.each(Object.entries(kinds))('%s', (kind, start) => {
    test('that is aborted before takes nothing', async () => {
      const { reader, writer } = await open();
      await writer.write('hello');
      const reason = new Error('enough');
      await expect(start(reader, AbortSignal.abort(reason))).rejects.toBe(reason);
      expect((await reader.readExactly(5)).toString()).toBe('hello');
    });

    test('that is aborted while it waits is rejected with the reason, and loses nothing', async () => {
      const both = await open();
      const { reader } = both;
      const controller = new AbortController();
      const { signal } = controller;
      const reason = new Error('enough');
      const reading = start(reader, signal);
      const rejected = expect(reading).rejects.toBe(reason);
      // By then, some reads have received something, but not enough.
      const partial = ['readExactly', 'readUntil', 'readLine', 'readAll', 'peek of a number'];
      if (partial.includes(kind)) await inPieces(both, 'abc');
      controller.abort(reason);
      await rejected;
      expect(getEventListeners(signal, 'abort')).toEqual([]);
      const next = reader.readLine();
      await both.writer.write('def\n');
      expect(await next).toBe(partial.includes(kind) ? 'abcdef' : 'def');
    });

    test('is rejected by a close, and by destroy with its reason', async () => {
      for (const how of ['close', 'destroy'] as const) {
        const { reader } = await open();
        const { signal } = new AbortController();
        const reason = new Error('enough');
        const reading = start(reader, signal);
        const rejected = expect(reading).rejects.toMatchObject(how === 'close' ? closed : reason);
        if (how === 'close') await reader.close();
        else reader.destroy(reason);
        await rejected;
        expect(getEventListeners(signal, 'abort')).toEqual([]);
        await expect(start(reader)).rejects.toMatchObject(closed);
      }
    });

    test('refuses what is no signal', async () => {
      const { reader } = await open();
      const wrong = start(reader, 5 as unknown as AbortSignal);
      await expect(wrong).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    });
  });

  test('an abort after the read was settled, in the same turn, takes nothing back', async () => {
    const { reader, writer } = await open();
    const controller = new AbortController();
    const reading = reader.readExactly(5, controller);
    // `received` changes in the turn in which the read is settled or later, never before.
    const aborting = (async () => {
      while (reader.bytesRead < 5) await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
    })();
    await writer.write('hello');
    expect((await reading).toString()).toBe('hello');
    await aborting;
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });
}
