import { describe, expect, test } from 'vitest';
import { pattern } from '../io/peers';
import { afterTurns, PENDING } from '../support/turns';
import { inPieces, type StreamSubject } from './stream-subject';

export function describeReads({ open }: StreamSubject): void {
  describe('readSome', () => {
    test('answers with what is there, waiting for it', async () => {
      const { reader, writer } = await open();
      const reading = reader.readSome();
      await writer.write('hello');
      expect(await reading).toEqual(Buffer.from('hello'));
      expect(reader.bytesRead).toBe(5);
    });

    test('takes no more than it may, and leaves the rest to the next read', async () => {
      const { reader, writer } = await open();
      const reading = reader.readSome(2);
      await writer.write('hello');
      expect(await reading).toEqual(Buffer.from('he'));
      expect(await reader.readSome(100)).toEqual(Buffer.from('llo'));
      expect(await afterTurns(reader.readSome())).toBe(PENDING);
    });

    test('answers with bytes of its own, which no later read changes', async () => {
      const { reader, writer } = await open();
      const answers: (Buffer | null)[] = [];
      for (const text of ['first', 'other', 'third']) {
        await writer.write(text);
        answers.push(await reader.readSome());
      }
      expect(answers.map(String)).toEqual(['first', 'other', 'third']);
    });
  });

  describe('readExactly', () => {
    test('waits for all of the bytes, and takes no more', async () => {
      const both = await open();
      const reading = both.reader.readExactly(6);
      await inPieces(both, 'ab', 'cd', 'efgh');
      expect(await reading).toEqual(Buffer.from('abcdef'));
      expect(await both.reader.readExactly(2)).toEqual(Buffer.from('gh'));
    });

    test('of none waits for nothing', async () => {
      const { reader } = await open();
      expect(await reader.readExactly(0)).toEqual(Buffer.alloc(0));
    });

    test('of more than any buffer holds arrives as it was sent', async () => {
      const { reader, writer } = await open();
      const bytes = pattern(1_000_003);
      const reading = reader.readExactly(bytes.length - 3);
      const writing = writer.write(bytes);
      expect((await reading).equals(bytes.subarray(0, -3))).toBe(true);
      await writing;
      expect((await reader.readExactly(3)).equals(bytes.subarray(-3))).toBe(true);
    });
  });

  describe('peek', () => {
    test('leaves what it has seen to the next read, of whatever kind', async () => {
      const both = await open();
      const { reader, writer } = both;
      const peeking = reader.peek(3);
      await inPieces(both, 'ab', 'cd');
      expect(await peeking).toEqual(Buffer.from('abc'));
      expect(await reader.peek(2)).toEqual(Buffer.from('ab'));
      expect(await reader.peek()).toEqual(Buffer.from('abcd'));
      expect(await reader.readSome(1)).toEqual(Buffer.from('a'));
      const buffer = Buffer.alloc(2);
      expect(await reader.read(buffer)).toBe(2);
      expect(buffer.toString()).toBe('bc');
      await writer.write('e\n');
      expect(await reader.readLine()).toBe('de');
    });

    test('without a number waits for a byte', async () => {
      const { reader, writer } = await open();
      const peeking = reader.peek();
      expect(await afterTurns(peeking)).toBe(PENDING);
      await writer.write('x');
      expect(await peeking).toEqual(Buffer.from('x'));
      expect(await reader.readExactly(1)).toEqual(Buffer.from('x'));
    });
  });

  describe('read and tryRead', () => {
    test('take what another read has left over before they ask for more', async () => {
      const { reader, writer } = await open();
      await writer.write('line\nabcdef');
      expect(await reader.readLine()).toBe('line');
      const buffer = Buffer.alloc(4);
      expect(reader.tryRead(buffer)).toBe(4);
      expect(buffer.toString()).toBe('abcd');
      expect(await reader.read(buffer)).toBe(2);
      expect(buffer.toString('utf8', 0, 2)).toBe('ef');
      expect(reader.tryRead(buffer)).toBe(-1);
      expect(reader.bytesRead).toBe(11);
    });
  });

  describe('async iteration', () => {
    test('hands out what comes, and goes on where it was left', async () => {
      const { reader, writer } = await open();
      const seen: string[] = [];
      void writer.write('one');
      for await (const chunk of reader) {
        seen.push(chunk.toString());
        if (seen.length === 2) break;
        await writer.write('two\nthree');
      }
      expect(seen).toEqual(['one', 'two\nthree']);
      expect(reader.closed).toBe(false);
      await writer.write('four');
      for await (const chunk of reader) {
        expect(chunk.toString()).toBe('four');
        break;
      }
    });

    test('is over for good when it was left', async () => {
      const { reader, writer } = await open();
      const iterator = reader[Symbol.asyncIterator]();
      expect(iterator[Symbol.asyncIterator]()).toBe(iterator);
      await iterator.return?.();
      await writer.write('x');
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
      expect(await reader.readSome()).toEqual(Buffer.from('x'));
    });
  });

  describe('an iterator that is left', () => {
    test('ends the read that it has begun, and no other one', async () => {
      const { reader, writer } = await open();
      const first = reader[Symbol.asyncIterator]();
      const second = reader[Symbol.asyncIterator]();
      const waiting = first.next();
      await expect(second.next()).rejects.toMatchObject({ code: 'ERR_BUSY' });
      await second.return?.();
      expect(await afterTurns(waiting)).toBe(PENDING);
      await writer.write('x');
      expect(await waiting).toEqual({ done: false, value: Buffer.from('x') });
      const last = first.next();
      await first.return?.();
      expect(await last).toEqual({ done: true, value: undefined });
      await writer.write('y');
      expect(await reader.readSome()).toEqual(Buffer.from('y'));
    });
  });

  describe('a second read', () => {
    test('of whatever kind is ERR_BUSY while one of whatever kind waits', async () => {
      const { reader, writer } = await open();
      const buffer = Buffer.alloc(1);
      const kinds: (() => Promise<unknown>)[] = [
        () => reader.read(buffer),
        () => reader.readSome(),
        () => reader.readExactly(1),
        () => reader.readUntil('x'),
        () => reader.readLine(),
        () => reader.peek(),
        () => reader[Symbol.asyncIterator]().next(),
      ];
      for (const first of kinds) {
        const waiting = first();
        for (const second of [...kinds, () => reader.readAll()]) {
          await expect(second()).rejects.toMatchObject({ code: 'ERR_BUSY' });
        }
        expect(() => reader.tryRead(buffer)).toThrow(expect.objectContaining({ code: 'ERR_BUSY' }));
        await writer.write('x\n');
        await waiting;
        while (reader.tryRead(buffer) > 0);
      }
    });
  });

  describe('a lot', () => {
    test('arrives as it was sent, in pieces of every size', async () => {
      const { reader, writer } = await open();
      const bytes = pattern(700_000);
      const writing = (async () => {
        for (let at = 0, size = 1; at < bytes.length; at += size, size = ((size * 7) % 9973) + 1) {
          await writer.write(bytes, at, Math.min(size, bytes.length - at));
        }
      })();
      let at = 0;
      while (at < bytes.length) {
        const piece = await reader.readSome(((at * 31) % 5000) + 1);
        if (piece === null) break;
        if (!piece.equals(bytes.subarray(at, at + piece.length))) break;
        at += piece.length;
      }
      expect(at).toBe(bytes.length);
      await writing;
    });
  });
}
