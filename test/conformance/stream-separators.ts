import { describe, expect, test } from 'vitest';
import { afterTurns, PENDING } from '../support/turns';
import { inPieces, type StreamSubject } from './stream-subject';

/** As text, so that a failure is readable. */
const text = (bytes: Buffer): string => bytes.toString();
const overLimit = { code: 'ERR_LIMIT' };

export function describeSeparators({ open }: StreamSubject): void {
  describe('readUntil', () => {
    test('answers with the separator at the end, and keeps what follows', async () => {
      const { reader, writer } = await open();
      await writer.write('a=1;b=2;c');
      expect(text(await reader.readUntil(';'))).toBe('a=1;');
      expect(text(await reader.readUntil(new Uint8Array([0x3b])))).toBe('b=2;');
      expect(await afterTurns(reader.readUntil(';'))).toBe(PENDING);
    });

    test('finds a separator that comes in pieces', async () => {
      const both = await open();
      const reading = both.reader.readUntil('-END-');
      await inPieces(both, 'ab-E', 'ND', '+-EN', 'D-cd');
      expect(text(await reading)).toBe('ab-END+-END-');
      expect(text(await both.reader.readExactly(2))).toBe('cd');
    });

    test('finds one that begins where a false one did', async () => {
      const both = await open();
      const reading = both.reader.readUntil('aab');
      await inPieces(both, 'a', 'a', 'a', 'b');
      expect(text(await reading)).toBe('aaab');
    });

    test('of several takes the one that begins first', async () => {
      const { reader, writer } = await open();
      await writer.write('one, two; three');
      expect(text(await reader.readUntil([';', ', ']))).toBe('one, ');
      expect(text(await reader.readUntil([';', Buffer.from(', ')]))).toBe('two;');
    });

    test('waits while a separator that has come may be a part of one that wins', async () => {
      const both = await open();
      const longer = both.reader.readUntil(['\r', '\r\n']);
      await inPieces(both, 'a\r');
      expect(await afterTurns(longer)).toBe(PENDING);
      await inPieces(both, '\n');
      expect(text(await longer)).toBe('a\r\n');
      const shorter = both.reader.readUntil(['\r', '\r\n']);
      await inPieces(both, 'b\r', 'c');
      expect(text(await shorter)).toBe('b\r');
      const earlier = both.reader.readUntil(['23', '1234']);
      await inPieces(both, '123', '4');
      expect(text(await earlier)).toBe('c1234');
    });

    test('finds one of several far behind, among many others', async () => {
      const { reader, writer } = await open();
      const words = Array.from(
        { length: 500 },
        (_, i) => 'x'.repeat(i % 70) + (i % 2 ? '|' : '\n'),
      );
      void writer.write(words.join(''));
      const found: string[] = [];
      while (found.length < words.length) {
        found.push(text(await reader.readUntil(['|', '\n', 'never'])));
      }
      expect(found).toEqual(words);
    });

    test('over its limit is ERR_LIMIT, and leaves every byte', async () => {
      const both = await open();
      const { reader, writer } = both;
      await writer.write('some dataAA');
      // Whether or not the separator has been found.
      await expect(reader.readUntil('AA', { limit: 3 })).rejects.toMatchObject(overLimit);
      await expect(reader.readUntil('BB', { limit: 8 })).rejects.toMatchObject(overLimit);
      expect(text(await reader.readUntil('AA', { limit: 9 }))).toBe('some dataAA');
      const reading = reader.readUntil('AA', { limit: 3 });
      const limited = expect(reading).rejects.toMatchObject(overLimit);
      await inPieces(both, 'a', 'b', 'c', 'd', 'A');
      await limited;
      expect(text(await reader.readExactly(5))).toBe('abcdA');
    });

    test('has a limit of 64 KiB', async () => {
      const { reader, writer } = await open();
      const bytes = Buffer.alloc(65537, 'x');
      const writing = writer.write(bytes);
      await expect(reader.readUntil('\n')).rejects.toMatchObject(overLimit);
      expect((await reader.readExactly(bytes.length)).equals(bytes)).toBe(true);
      await writing;
    });

    test('refuses what is no separator, and no limit', async () => {
      const { reader } = await open();
      for (const wrong of [undefined, null, 5, {}, [5], ['x', null], new Uint16Array(1)]) {
        await expect(reader.readUntil(wrong as string)).rejects.toMatchObject({
          code: 'ERR_INVALID_ARG_TYPE',
        });
      }
      for (const empty of ['', [], ['x', ''], new Uint8Array(0)]) {
        await expect(reader.readUntil(empty)).rejects.toMatchObject({
          code: 'ERR_INVALID_ARG_VALUE',
        });
      }
      for (const limit of [-1, 0.5, Infinity, NaN]) {
        const reading = reader.readUntil('x', { limit });
        await expect(reading).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
      }
      const reading = reader.readUntil('x', 5 as unknown as { limit: number });
      await expect(reading).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    });

    test('does not see what becomes of the separator that it was given', async () => {
      const { reader, writer } = await open();
      const separator = Buffer.from(';');
      const reading = reader.readUntil(separator);
      separator[0] = 0x21;
      await writer.write('a!b;');
      expect(text(await reading)).toBe('a!b;');
    });
  });

  describe('readLine', () => {
    test('answers with lines without their ending, LF or CRLF', async () => {
      const { reader, writer } = await open();
      await writer.write('one\ntwo\r\n\n\r\nthree\rfour\r\r\n');
      for (const line of ['one', 'two', '', '', 'three\rfour\r']) {
        expect(await reader.readLine()).toBe(line);
      }
    });

    test('waits for the ending, in whatever pieces it comes', async () => {
      const both = await open();
      const first = both.reader.readLine();
      await inPieces(both, 'on', 'e\r', '\ntw');
      expect(await first).toBe('one');
      const second = both.reader.readLine();
      await inPieces(both, 'o\r', 'x\n');
      expect(await second).toBe('two\rx');
    });

    test('reads UTF-8, also where a character comes in pieces', async () => {
      const { reader, writer } = await open();
      const bytes = Buffer.from('grüße €\n');
      const reading = reader.readLine();
      for (const byte of bytes) await writer.write(Buffer.of(byte));
      expect(await reading).toBe('grüße €');
    });

    test('over its limit is ERR_LIMIT, and leaves every byte; the ending does not count', async () => {
      const both = await open();
      const { reader, writer } = both;
      await writer.write('12345\r\nabcdef\n');
      await expect(reader.readLine({ limit: 4 })).rejects.toMatchObject(overLimit);
      expect(await reader.readLine({ limit: 5 })).toBe('12345');
      await expect(reader.readLine({ limit: 5 })).rejects.toMatchObject(overLimit);
      expect(await reader.readLine()).toBe('abcdef');
      const fits = reader.readLine({ limit: 3 });
      await inPieces(both, 'abc\r', '\n');
      expect(await fits).toBe('abc');
      const limited = expect(reader.readLine({ limit: 3 })).rejects.toMatchObject(overLimit);
      await inPieces(both, 'abc\r', 'd');
      await limited;
      expect(text(await reader.readExactly(5))).toBe('abc\rd');
    });
  });
}
