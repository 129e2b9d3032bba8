import { writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Poller, READABLE, WRITABLE } from '../../lib/index';
import { dup, pipe } from '../support/descriptors';
import { NOW, type Subject } from './subject';

/** A poller with `count` descriptors that are ready, and their numbers. */
function withReady(poller: Poller, count: number): number[] {
  const [, writer] = pipe();
  const fds = Array.from({ length: count }, () => dup(writer));
  for (const fd of fds) poller.add(fd, WRITABLE);
  return fds;
}

function reported(poller: Poller, o: { maxEvents?: number }): number[] {
  return poller.wait({ ...NOW, ...o }).map(({ source }) => source as number);
}

/** How many events one wait reports, and that no descriptor is forgotten if it cannot report all. */
export function describeBatch({ backend, newPoller }: Subject): void {
  describe('one wait', () => {
    test('reports everything that is ready, each descriptor once', () => {
      using poller = newPoller();
      const fds = withReady(poller, 100);
      expect(reported(poller, {}).sort((a, b) => a - b)).toEqual(fds);
    });

    test('reports at most `maxEvents`', () => {
      using poller = newPoller();
      withReady(poller, 10);
      for (const maxEvents of [1, 3, 9, 10]) {
        expect(reported(poller, { maxEvents })).toHaveLength(maxEvents);
      }
      expect(reported(poller, { maxEvents: 11 })).toHaveLength(10);
    });

    test('reports each of N descriptors within N waits of one event', () => {
      using poller = newPoller();
      const fds = withReady(poller, 7);
      for (let round = 0; round < 3; round++) {
        const turns = fds.flatMap(() => reported(poller, { maxEvents: 1 }));
        expect(turns.sort((a, b) => a - b)).toEqual(fds);
      }
    });

    test('does not let who is always ready starve who has just become so', () => {
      using poller = newPoller();
      withReady(poller, 5);
      const [reader, writer] = pipe();
      poller.add(reader, READABLE);
      for (let i = 0; i < 3; i++) reported(poller, { maxEvents: 1 });
      writeSync(writer, 'x');
      const turns = Array.from({ length: 6 }, () => reported(poller, { maxEvents: 1 })).flat();
      expect(turns).toContain(reader);
    });
  });

  // More descriptors than select(2) can hold.
  describe.runIf(backend !== 'select')('one wait of very many descriptors', () => {
    test('reports 1024 of them, and the next one begins with the others', () => {
      using poller = newPoller();
      const fds = withReady(poller, 1500);
      const first = reported(poller, {});
      expect(first).toHaveLength(1024);
      const second = reported(poller, { maxEvents: 1_000_000 });
      expect(new Set([...first, ...second])).toEqual(new Set(fds));
    });
  });
}
