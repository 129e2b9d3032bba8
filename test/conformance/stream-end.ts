import { describe, expect, test } from 'vitest';
import { pattern } from '../io/peers';
import type { StreamSubject } from './stream-subject';

export function describeEnd({ open }: StreamSubject): void {
  describe('the end', () => {
    test('comes behind all that was written, and stays', async () => {
      const { reader, writer } = await open();
      const bytes = pattern(200_000);
      const writing = writer.write(bytes).then(() => writer.close());
      expect((await reader.readAll()).equals(bytes)).toBe(true);
      await writing;
      expect(await reader.readSome()).toBe(null);
      expect(await reader.readLine()).toBe(null);
      expect(await reader.peek()).toBe(null);
      expect(await reader.peek(5)).toBe(null);
      expect(await reader.readAll()).toEqual(Buffer.alloc(0));
      expect(await reader.read(Buffer.alloc(1))).toBe(0);
      expect(reader.tryRead(Buffer.alloc(1))).toBe(0);
      expect(await reader[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
      expect(reader.closed).toBe(false);
    });

    test.each(['readSome', 'readLine', 'peek'] as const)('answers %s with null', async (kind) => {
      const { reader, writer } = await open();
      const reading = reader[kind]();
      await writer.close();
      expect(await reading).toBe(null);
    });

    test('within readExactly is ERR_INCOMPLETE, with what came', async () => {
      const { reader, writer } = await open();
      const reading = reader.readExactly(10);
      await writer.write('abc');
      await writer.close();
      const error = { code: 'ERR_INCOMPLETE', partial: Buffer.from('abc'), expected: 10 };
      await expect(reading).rejects.toMatchObject(error);
      await expect(reader.readExactly(1)).rejects.toMatchObject({
        code: 'ERR_INCOMPLETE',
        partial: Buffer.alloc(0),
        expected: 1,
      });
    });

    test('before a separator is ERR_INCOMPLETE, with what came', async () => {
      const { reader, writer } = await open();
      const reading = reader.readUntil('\r\n');
      await writer.write('abc\r');
      await writer.close();
      const error = { code: 'ERR_INCOMPLETE', partial: Buffer.from('abc\r'), expected: undefined };
      await expect(reading).rejects.toMatchObject(error);
      expect(await reader.readSome()).toBe(null);
    });

    test('decides for the separator that has come', async () => {
      const { reader, writer } = await open();
      const reading = reader.readUntil(['\r', '\r\n']);
      await writer.write('abc\r');
      await writer.close();
      expect((await reading).toString()).toBe('abc\r');
    });

    test('is the end of a last line without an ending', async () => {
      const { reader, writer } = await open();
      await writer.write('one\ntwo\r');
      await writer.close();
      expect(await reader.readLine()).toBe('one');
      expect(await reader.readLine()).toBe('two\r');
      expect(await reader.readLine()).toBe(null);
    });

    test('ends a loop over the stream, which has had everything by then', async () => {
      const { reader, writer } = await open();
      const bytes = pattern(200_000);
      const writing = writer.write(bytes).then(() => writer.close());
      const chunks: Buffer[] = [];
      for await (const chunk of reader) chunks.push(chunk);
      expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
      await writing;
    });

    test('shortens what can be peeked at', async () => {
      const { reader, writer } = await open();
      const peeking = reader.peek(10);
      await writer.write('abc');
      await writer.close();
      expect(await peeking).toEqual(Buffer.from('abc'));
      expect(await reader.readAll()).toEqual(Buffer.from('abc'));
    });

    test('beyond the limit of readAll is ERR_LIMIT, and leaves every byte', async () => {
      const { reader, writer } = await open();
      const writing = writer.write('abcdef').then(() => writer.close());
      await expect(reader.readAll({ limit: 5 })).rejects.toMatchObject({ code: 'ERR_LIMIT' });
      await writing;
      expect(await reader.readAll({ limit: 6 })).toEqual(Buffer.from('abcdef'));
    });

    test('beyond the limit of readAll leaves bytes that are read 64 KiB at a time', async () => {
      const { reader, writer } = await open();
      const sent = Buffer.from(Uint32Array.from({ length: 50_000 }, (_, i) => i).buffer);
      const writing = writer.write(sent).then(() => writer.close());
      await expect(reader.readAll({ limit: 150_000 })).rejects.toMatchObject({ code: 'ERR_LIMIT' });
      const chunks: Buffer[] = [];
      for (let i = 0; i < 2; i++) chunks.push((await reader.readSome(1e6)) ?? Buffer.alloc(0));
      for await (const chunk of reader) chunks.push(chunk);
      await writing;
      expect(Math.max(...chunks.map(({ length }) => length))).toBe(65_536);
      expect(Buffer.concat(chunks).equals(sent)).toBe(true);
    });
  });
}
