import { readSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Poller, READABLE, WRITABLE } from '../../lib/index';
import { poll, POLLIN } from '../../lib/select';
import {
  close,
  descriptors,
  dup,
  isOpen,
  owned,
  pipe,
  socketPair,
  takeNumber,
} from '../support/descriptors';
import { afterTurns, PENDING } from '../support/turns';
import { eventOf, NOW, SOON, type Subject } from './subject';

/**
 * A descriptor that is added, has something to report, and is closed while a duplicate keeps its
 * file open: epoll goes on reporting it, and it can no longer be removed.
 */
function addGhost(poller: Poller): number {
  const [reader, writer] = pipe();
  dup(reader);
  poller.add(reader, READABLE, { token: 'ghost' });
  writeSync(writer, 'x');
  close(reader);
  return reader;
}

/** A ghost is not reported more often than this. */
const BOUND = 100;

/** The number of waits that end with an event, at most BOUND. */
function reportsOf(poller: Poller, before: () => void = () => undefined): number {
  for (let reports = 0; reports < BOUND; reports++) {
    before();
    if (poller.wait(NOW).length === 0) return reports;
  }
  return BOUND;
}

/** The view of a loop that waits for the poller's own descriptor. */
function isReadable(poller: Poller): boolean {
  return poll([{ source: poller, events: POLLIN }], NOW).length > 0;
}

/** Descriptors that were closed behind the poller's back. */
export function describeGhosts({ newPoller, nests, ghosts, edges }: Subject): void {
  describe('a descriptor that was closed while a duplicate is open', () => {
    test('ends no wait any more when it has been deleted, and hides nothing', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      poller.add(reader, READABLE, { token: 'alive' });
      poller.delete(addGhost(poller));
      const start = performance.now();
      expect(poller.wait({ timeout: 10 })).toEqual([]);
      expect(performance.now() - start).toBeGreaterThanOrEqual(10);
      writeSync(writer, 'x');
      expect(poller.wait(SOON)).toEqual([eventOf(reader, { readable: true, token: 'alive' })]);
    });

    test('lends its events to nobody who has its number after it', () => {
      using poller = newPoller();
      const [socket, peer] = socketPair();
      const ghost = addGhost(poller);
      owned([takeNumber(socket, ghost)]);
      poller.delete(ghost);
      poller.add(ghost, READABLE, { token: 'new' });
      expect(poller.wait(NOW)).toEqual([]);
      writeSync(peer, 'x');
      expect(poller.wait(NOW)).toEqual([eventOf(ghost, { readable: true, token: 'new' })]);
    });

    test('may be added again when its number is the same file’s again', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      const duplicate = dup(reader);
      poller.add(reader, READABLE, { token: 'old' });
      close(reader);
      poller.delete(reader);
      owned([takeNumber(duplicate, reader)]);
      poller.add(reader, READABLE, { token: 'new' });
      writeSync(writer, 'x');
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true, token: 'new' })]);
    });

    test('does not settle `ready`, nor hide what does', async () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      poller.add(reader, READABLE);
      const waiting = poller.ready();
      poller.delete(addGhost(poller));
      expect(await afterTurns(waiting)).toBe(PENDING);
      writeSync(writer, 'x');
      expect(await waiting).toEqual([eventOf(reader, { readable: true })]);
    });
  });

  describe.runIf(nests)("the poller's own descriptor", () => {
    test('is readable for a ghost once at most, so that nobody spins', () => {
      using poller = newPoller();
      poller.delete(addGhost(poller));
      expect(poller.wait(NOW)).toEqual([]);
      expect(isReadable(poller)).toBe(false);
    });

    test('is readable while there is something to report, and can be waited for in turn', () => {
      using inner = newPoller();
      using outer = newPoller();
      const [reader, writer] = pipe();
      inner.add(reader, READABLE);
      outer.add(inner, READABLE);
      expect(isReadable(inner)).toBe(false);
      expect(outer.wait(NOW)).toEqual([]);
      writeSync(writer, 'x');
      expect(isReadable(inner)).toBe(true);
      expect(outer.wait(NOW)).toEqual([eventOf(inner, { readable: true })]);
      readSync(reader, Buffer.alloc(1));
      expect(outer.wait(NOW)).toEqual([]);
    });

    // The error of epoll_wait(2) for a descriptor that is not an epoll instance; not tried with kqueue.
    test.runIf(ghosts)('is left alone by `close` when it was seen to be another file’s', () => {
      const [reader] = pipe();
      const fd = dup(reader);
      close(fd); // for the poller, which is the next to open something
      using poller = newPoller();
      poller.add(reader, READABLE);
      owned([descriptors.dup2(reader, fd)]);
      expect(() => poller.wait(NOW)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
      poller.close();
      expect(isOpen(fd)).toBe(true);
    });

    test.runIf(ghosts)('goes on being watched when a ghost was found', () => {
      using inner = newPoller();
      using outer = newPoller();
      const [reader, writer] = pipe();
      inner.add(reader, READABLE);
      outer.add(inner, READABLE);
      for (let time = 0; time < 3; time++) {
        inner.delete(addGhost(inner));
        expect(inner.wait(NOW)).toEqual([]);
        expect(outer.wait(NOW)).toEqual([]);
      }
      writeSync(writer, 'x');
      expect(outer.wait(SOON)).toEqual([eventOf(inner, { readable: true })]);
      const { fd } = inner;
      inner.close();
      expect(isOpen(fd)).toBe(false);
    });
  });

  describe.runIf(ghosts)('what was registered beside a ghost', () => {
    test('keeps its interest, token and mode', () => {
      using poller = newPoller();
      const [spent, writer] = pipe();
      const [socket, peer] = socketPair();
      writeSync(writer, 'x');
      poller.add(spent, READABLE, { mode: 'oneshot', token: 'spent' });
      expect(poller.wait(NOW)).toHaveLength(1);
      poller.add(socket, READABLE | WRITABLE, { token: 'both' });
      poller.delete(addGhost(poller));
      const both = eventOf(socket, { writable: true, token: 'both' });
      expect(poller.wait(NOW)).toEqual([both]);
      writeSync(peer, 'x');
      expect(poller.wait(NOW)).toEqual([{ ...both, readable: true }]);
      poller.modify(spent, READABLE, { mode: 'oneshot', token: 'again' });
      poller.delete(socket);
      expect(poller.wait(NOW)).toEqual([eventOf(spent, { readable: true, token: 'again' })]);
      poller.delete(spent);
      expect(poller.wait(NOW)).toEqual([]);
    });

    test('is not armed again by it when it is a `oneshot` that was just reported', () => {
      using poller = newPoller();
      const [, writer] = pipe();
      poller.delete(addGhost(poller));
      poller.add(writer, WRITABLE, { mode: 'oneshot' });
      expect(poller.wait(NOW)).toEqual([eventOf(writer, { writable: true })]);
      expect(poller.wait(NOW)).toEqual([]);
    });

    test('and was spent tells nothing of its end, nor is in the way of who has its number then', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      const [socket, peer] = socketPair();
      writeSync(writer, 'x');
      poller.add(reader, READABLE, { mode: 'oneshot', token: 'spent' });
      expect(poller.wait(NOW)).toHaveLength(1);
      poller.delete(addGhost(poller));
      expect(poller.wait(NOW)).toEqual([]);
      expect(() => {
        poller.add(reader, READABLE);
      }).toThrow(/^EEXIST/);
      close(writer);
      expect(poller.wait(NOW)).toEqual([]);
      close(reader);
      owned([takeNumber(socket, reader)]);
      poller.add(reader, READABLE, { token: 'new' });
      writeSync(peer, 'x');
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true, token: 'new' })]);
    });

    test('and is ready is reported, although the ghost had its place', () => {
      using poller = newPoller();
      poller.delete(addGhost(poller));
      const [reader, writer] = pipe();
      writeSync(writer, 'x');
      poller.add(reader, READABLE);
      expect(poller.wait({ timeout: 0, maxEvents: 1 })).toEqual([
        eventOf(reader, { readable: true }),
      ]);
    });

    test('and was closed as well may still be deleted', () => {
      using poller = newPoller();
      const [reader] = pipe();
      poller.add(reader, READABLE);
      poller.delete(addGhost(poller));
      close(reader);
      expect(poller.wait(NOW)).toEqual([]);
      poller.delete(reader);
    });

    test('is not forgotten with it while `ready` waits', async () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      poller.add(reader, READABLE);
      const waiting = poller.ready();
      poller.delete(addGhost(poller));
      expect(await afterTurns(waiting)).toBe(PENDING);
      writeSync(writer, 'x');
      expect(await waiting).toEqual([eventOf(reader, { readable: true })]);
      expect(isReadable(poller)).toBe(true);
      poller.delete(reader);
      expect(isReadable(poller)).toBe(false);
    });
  });

  // `delete` removes it; until then the kernel reports it as if it were open.
  describe.runIf(ghosts)('a ghost that nobody has deleted', () => {
    test('ends a bounded number of waits, and may be deleted afterwards', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      poller.add(reader, READABLE, { token: 'alive' });
      const ghost = addGhost(poller);
      expect(reportsOf(poller)).toBeLessThan(BOUND);
      expect(isReadable(poller)).toBe(false);
      writeSync(writer, 'x');
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true, token: 'alive' })]);
      poller.delete(ghost);
    });

    test('ends no more of them when its number is another file’s, of which it tells nothing', () => {
      using poller = newPoller();
      const [socket, peer] = socketPair();
      const ghost = addGhost(poller);
      owned([takeNumber(socket, ghost)]);
      expect(reportsOf(poller)).toBeLessThan(BOUND);
      writeSync(peer, 'x');
      expect(poller.wait(NOW)).toEqual([]);
    });

    test('ends a bounded number of waits also where every arrival is one', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      dup(reader);
      poller.add(reader, READABLE, { mode: 'edge' });
      close(reader);
      expect(reportsOf(poller, () => writeSync(writer, 'x'))).toBeLessThan(BOUND);
    });

    test('is reported under its own token, and silenced by `delete`', () => {
      using poller = newPoller();
      const ghost = addGhost(poller);
      const event = eventOf(ghost, { readable: true, token: 'ghost' });
      expect(poller.wait(NOW)).toEqual([event]);
      poller.delete(ghost);
      expect(poller.wait(NOW)).toEqual([]);
      expect(isReadable(poller)).toBe(false);
    });
  });

  describe.runIf(edges)('a registration whose descriptor another file has taken over', () => {
    test('hears of that file nothing', () => {
      using poller = newPoller();
      const [reader] = pipe();
      const [other, peer] = socketPair();
      poller.add(reader, READABLE);
      descriptors.dup2(other, reader);
      writeSync(peer, 'x');
      expect(poller.wait(NOW)).toEqual([]);
    });

    test('hears of that file nothing after a ghost of another one was found either', () => {
      using poller = newPoller();
      const [reader] = pipe();
      const [other, peer] = socketPair();
      poller.add(reader, READABLE);
      descriptors.dup2(other, reader);
      writeSync(peer, 'x');
      poller.delete(addGhost(poller));
      expect(poller.wait(NOW)).toEqual([]);
      expect(poller.wait(NOW)).toEqual([]);
    });
  });

  describe.runIf(edges)('a descriptor that is reported very often', () => {
    test('is reported every time, and an edge once', () => {
      using poller = newPoller();
      const [always, writer] = pipe();
      const [reader, toReader] = pipe();
      writeSync(writer, 'x');
      poller.add(always, READABLE, { token: 'level' });
      poller.add(reader, READABLE, { mode: 'edge', token: 'edge' });
      const level = eventOf(always, { readable: true, token: 'level' });
      for (let i = 0; i < 2 * BOUND; i++) {
        writeSync(toReader, 'x');
        expect(poller.wait(NOW)).toHaveLength(2);
        expect(poller.wait(NOW)).toEqual([level]);
      }
    });
  });
}
