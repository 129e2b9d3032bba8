import { readSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { READABLE, WRITABLE } from '../../lib/index';
import { close, pipe, socketPair } from '../support/descriptors';
import { eventOf, NOW, type Subject } from './subject';

const buffer = Buffer.alloc(16);

/** How often a descriptor that stays ready is reported. */
export function describeModes({ newPoller, edges, ghosts, tellsHangup }: Subject): void {
  describe('mode level', () => {
    test('is the default, and reports what is ready every time', () => {
      using poller = newPoller();
      const [one, writerOfOne] = pipe();
      const [other, writerOfOther] = pipe();
      poller.add(one, READABLE);
      poller.add(other, READABLE, { mode: 'level' });
      writeSync(writerOfOne, 'x');
      writeSync(writerOfOther, 'x');
      for (let i = 0; i < 3; i++) expect(poller.wait(NOW)).toHaveLength(2);
    });
  });

  describe('mode oneshot', () => {
    test('reports once, and again after `modify`', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      poller.add(reader, READABLE, { mode: 'oneshot', token: 1 });
      writeSync(writer, 'x');
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true, token: 1 })]);
      writeSync(writer, 'y');
      expect(poller.wait(NOW)).toEqual([]);
      poller.modify(reader, READABLE, { mode: 'oneshot', token: 2 });
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true, token: 2 })]);
      expect(poller.wait(NOW)).toEqual([]);
    });

    test('falls silent in both directions after an event of one', () => {
      using poller = newPoller();
      const [socket, peer] = socketPair();
      poller.add(socket, READABLE | WRITABLE, { mode: 'oneshot' });
      expect(poller.wait(NOW)).toEqual([eventOf(socket, { writable: true })]);
      writeSync(peer, 'x');
      expect(poller.wait(NOW)).toEqual([]);
      // `modify` arms the interest again.
      poller.modify(socket, READABLE, { mode: 'oneshot' });
      expect(poller.wait(NOW)).toEqual([eventOf(socket, { readable: true })]);
    });

    test('stays registered after its event', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      poller.add(reader, READABLE, { mode: 'oneshot' });
      writeSync(writer, 'x');
      expect(poller.wait(NOW)).toHaveLength(1);
      expect(() => {
        poller.add(reader, READABLE);
      }).toThrow(expect.objectContaining({ code: 'EEXIST' }));
      expect(poller.wait(NOW)).toEqual([]);
      poller.delete(reader);
      expect(() => {
        poller.delete(reader);
      }).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    });

    test('is silent about a hang-up after its event', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      poller.add(reader, READABLE, { mode: 'oneshot' });
      writeSync(writer, 'x');
      expect(poller.wait(NOW)).toHaveLength(1);
      close(writer);
      expect(poller.wait(NOW)).toEqual([]);
      poller.modify(reader, READABLE);
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true, hangup: tellsHangup })]);
    });

    test('is left for another mode, and entered, by `modify`', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      writeSync(writer, 'x');
      poller.add(reader, READABLE, { mode: 'oneshot' });
      poller.modify(reader, READABLE, { mode: 'level' });
      for (let i = 0; i < 2; i++) expect(poller.wait(NOW)).toHaveLength(1);
      poller.modify(reader, READABLE, { mode: 'oneshot' });
      expect(poller.wait(NOW)).toHaveLength(1);
      expect(poller.wait(NOW)).toEqual([]);
    });
  });

  describe.runIf(edges)('mode edge', () => {
    test('reports what has arrived once, however much of it is read', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      poller.add(reader, READABLE, { mode: 'edge' });
      writeSync(writer, 'xy');
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true })]);
      expect(poller.wait(NOW)).toEqual([]);
      readSync(reader, buffer, 0, 1, null);
      expect(poller.wait(NOW)).toEqual([]);
    });

    test('reports again when more arrives', () => {
      using poller = newPoller();
      const [socket, peer] = socketPair();
      poller.add(socket, READABLE, { mode: 'edge' });
      for (let i = 0; i < 3; i++) {
        writeSync(peer, 'x');
        expect(poller.wait(NOW)).toEqual([eventOf(socket, { readable: true })]);
        expect(poller.wait(NOW)).toEqual([]);
      }
    });

    test.runIf(ghosts)('reports nothing again for an `add` that is refused', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      poller.add(reader, READABLE, { mode: 'edge' });
      writeSync(writer, 'x');
      expect(poller.wait(NOW)).toHaveLength(1);
      expect(() => {
        poller.add(reader, READABLE, { mode: 'edge' });
      }).toThrow(/^EEXIST/);
      expect(poller.wait(NOW)).toEqual([]);
    });

    test('reports what was there before, on `add` and on `modify`', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      writeSync(writer, 'x');
      poller.add(reader, READABLE, { mode: 'edge' });
      expect(poller.wait(NOW)).toHaveLength(1);
      expect(poller.wait(NOW)).toEqual([]);
      poller.modify(reader, READABLE, { mode: 'edge' });
      expect(poller.wait(NOW)).toHaveLength(1);
      expect(poller.wait(NOW)).toEqual([]);
    });

    test('reports the end as an edge of its own', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      poller.add(reader, READABLE, { mode: 'edge' });
      writeSync(writer, 'x');
      expect(poller.wait(NOW)).toHaveLength(1);
      close(writer);
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true, hangup: true })]);
      expect(poller.wait(NOW)).toEqual([]);
    });
  });

  describe.runIf(!edges)('mode edge, where the kernel does not remember', () => {
    test('is refused, with the modes that there are, and leaves no trace', () => {
      using poller = newPoller();
      const [reader] = pipe();
      expect(() => {
        poller.add(reader, READABLE, { mode: 'edge' });
      }).toThrow(
        expect.objectContaining({
          code: 'ERR_INVALID_ARG_VALUE',
          message: expect.stringMatching(/options\.mode.*'level', 'oneshot'.*'edge'/),
        }),
      );
      poller.add(reader, READABLE);
      expect(() => {
        poller.modify(reader, READABLE, { mode: 'edge' });
      }).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
    });
  });
}
