import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EBADF, ENOENT, ENOTSUP, EPIPE } from '../../lib/errors';
import { EV_ADD, EVFILT_EXCEPT, EVFILT_USER, EVFILT_WRITE } from '../../lib/kqueue';
import { HEADER_LENGTH, native } from '../../lib/native';
import { HANGUP } from '../../lib/poll/events';
import { PRIORITY, READABLE, WRITABLE } from '../../lib/poll/interest';
import { KqueueSelector } from '../../lib/poll/kqueue-selector';
import { close, pipe, socketPair } from '../support/descriptors';
import { hasKqueue, isEmulated } from '../support/kqueue/kernel';

const BOTH = READABLE | WRITABLE;
const ENODEV = -constants.errno.ENODEV;

/** The events of the next wait, merged as its callers do: [fd, generation, readiness]. */
function collect(selector: KqueueSelector, maxEvents = 1024): number[][] {
  const { batch } = selector;
  const count = selector.wait(0, maxEvents);
  const merged = new Map<number, number[]>();
  for (let i = HEADER_LENGTH; i < HEADER_LENGTH + 3 * count; i += 3) {
    const [fd, generation, flags] = batch.subarray(i, i + 3);
    const event = merged.get(fd) ?? [fd, generation, 0];
    event[2] |= selector.readiness(flags);
    merged.set(fd, event);
  }
  return [...merged.values()];
}

function withSelector(body: (selector: KqueueSelector) => void): () => void {
  return () => {
    const selector = new KqueueSelector();
    try {
      body(selector);
    } finally {
      selector.close();
    }
  };
}

// test/conformance has the contract of every backend; these are details of kqueue.
describe.runIf(hasKqueue)('a selector over kqueue', () => {
  test(
    'reports any generation of 32 bits',
    withSelector((selector) => {
      const [, writer] = pipe();
      for (const generation of [0, 1, 2 ** 31 - 1, -(2 ** 31), -1]) {
        expect(selector.add(writer, generation, WRITABLE, 'level')).toBe(0);
        expect(collect(selector)).toEqual([[writer, generation, WRITABLE]]);
        expect(selector.delete(writer, WRITABLE)).toBe(0);
      }
    }),
  );

  test(
    'changes the filters, the generation and the mode in one call',
    withSelector((selector) => {
      const [socket, peer] = socketPair();
      writeSync(peer, 'x');
      expect(selector.add(socket, 1, READABLE, 'level')).toBe(0);
      expect(selector.modify(socket, 2, BOTH, 'edge', READABLE)).toBe(0);
      expect(collect(selector)).toEqual([[socket, 2, BOTH]]);
      expect(collect(selector)).toEqual([]);
      expect(selector.modify(socket, 3, WRITABLE, 'level', BOTH)).toBe(0);
      for (let i = 0; i < 2; i++) expect(collect(selector)).toEqual([[socket, 3, WRITABLE]]);
    }),
  );

  test(
    'knows no descriptor that was not added, and keeps no trace of the attempt',
    withSelector((selector) => {
      const [, writer] = pipe();
      expect(selector.modify(writer, 1, BOTH, 'level', BOTH)).toBe(ENOENT);
      expect(collect(selector)).toEqual([]);
      expect(selector.delete(writer, BOTH)).toBe(ENOENT);
    }),
  );

  test(
    'deletes what is there, though not all of it is',
    withSelector((selector) => {
      const [, writer] = pipe();
      expect(selector.add(writer, 1, WRITABLE, 'level')).toBe(0);
      expect(selector.delete(writer, BOTH)).toBe(0);
      expect(collect(selector)).toEqual([]);
    }),
  );

  test(
    'refuses what is not open',
    withSelector((selector) => {
      const [, writer] = pipe();
      close(writer);
      expect(selector.add(writer, 1, BOTH, 'level')).toBe(EBADF);
      expect(selector.modify(writer, 1, BOTH, 'level', BOTH)).toBe(EBADF);
    }),
  );

  test(
    'silences the other direction of a `oneshot`, also what did not fit into the batch',
    withSelector((selector) => {
      const [socket, peer] = socketPair();
      writeSync(peer, 'x');
      expect(selector.add(socket, 1, BOTH, 'oneshot')).toBe(0);
      expect(collect(selector, 1)).toHaveLength(1);
      writeSync(peer, 'y');
      expect(collect(selector)).toEqual([]);
      expect(selector.modify(socket, 2, BOTH, 'oneshot', BOTH)).toBe(0);
      expect(collect(selector)).toEqual([[socket, 2, BOTH]]);
      expect(collect(selector)).toEqual([]);
    }),
  );

  test(
    'silences very many of them at once',
    withSelector((selector) => {
      const sockets = Array.from({ length: 150 }, () => socketPair()[0]);
      for (const fd of sockets) expect(selector.add(fd, 1, BOTH, 'oneshot')).toBe(0);
      expect(collect(selector)).toHaveLength(150);
      for (const fd of sockets) expect(selector.modify(fd, 2, WRITABLE, 'level', BOTH)).toBe(0);
      expect(collect(selector)).toHaveLength(150);
    }),
  );

  test(
    'spends a `oneshot` only by an event of its own generation',
    withSelector((selector) => {
      const [socket, peer] = socketPair();
      expect(selector.add(socket, 2, BOTH, 'oneshot')).toBe(0);
      // As the event of a broken pipe of FreeBSD that had the number before.
      vi.spyOn(native, 'kqueueWait').mockImplementationOnce((_, events, offset) => {
        events.set([socket, 1, ~EVFILT_USER], offset);
        return 1;
      });
      expect(selector.wait(0, 1)).toBe(1);
      vi.restoreAllMocks();
      writeSync(peer, 'x');
      expect(collect(selector)).toEqual([[socket, 2, BOTH]]);
      expect(collect(selector)).toEqual([]);
    }),
  );
});

describe.runIf(hasKqueue)('a number that is a device by now, which kqueue refuses', () => {
  // As /dev/null on FreeBSD.
  beforeEach(() => {
    vi.spyOn(native, 'kqueueControl').mockImplementation((_, changes, count) => {
      for (let i = 0; i < count; i++) {
        changes[6 * i + 5] = (changes[6 * i + 3] & EV_ADD) === 0 ? ENOENT : ENODEV;
      }
      return count;
    });
  });
  afterEach(() => void vi.restoreAllMocks());

  test(
    'is another file where it is modified, and refused where it is added',
    withSelector((selector) => {
      const [, writer] = pipe();
      expect(selector.modify(writer, 2, BOTH, 'level', BOTH)).toBe(ENOENT);
      expect(selector.add(writer, 3, BOTH, 'level')).toBe(ENODEV);
    }),
  );
});

describe.runIf(hasKqueue && EVFILT_EXCEPT === undefined)('urgent data, without a filter', () => {
  test(
    'cannot be waited for',
    withSelector((selector) => {
      const [socket] = socketPair();
      expect(selector.add(socket, 1, PRIORITY, 'level')).toBe(ENOTSUP);
      expect(selector.add(socket, 1, BOTH | PRIORITY, 'level')).toBe(ENOTSUP);
      expect(collect(selector)).toEqual([]);
    }),
  );
});

describe.runIf(hasKqueue && EVFILT_EXCEPT !== undefined)('urgent data of a pipe', () => {
  test(
    'is waited for in vain beside other things, and not at all alone',
    withSelector((selector) => {
      const [, writer] = pipe();
      expect(selector.add(writer, 1, PRIORITY, 'level')).toBeLessThan(0);
      expect(selector.add(writer, 2, WRITABLE | PRIORITY, 'level')).toBe(0);
      expect(collect(selector)).toEqual([[writer, 2, WRITABLE]]);
      expect(selector.modify(writer, 3, WRITABLE, 'level', WRITABLE | PRIORITY)).toBe(0);
      expect(collect(selector)).toEqual([[writer, 3, WRITABLE]]);
    }),
  );
});

// libkqueue has another number for EVFILT_USER.
describe.runIf(hasKqueue && !isEmulated)('a broken pipe that the kernel refuses', () => {
  // FreeBSD does this when the reader has gone. Here it has not, so that the test runs on every system.
  beforeEach(() => {
    const { kqueueControl } = native;
    vi.spyOn(native, 'kqueueControl').mockImplementation((kqueue, changes, count) => {
      if (changes[2] !== EVFILT_WRITE) return kqueueControl(kqueue, changes, count);
      for (let i = 0; i < count; i++) {
        changes[6 * i + 5] = (changes[6 * i + 3] & EV_ADD) === 0 ? ENOENT : EPIPE;
      }
      return count;
    });
  });
  afterEach(() => void vi.restoreAllMocks());

  const broken = WRITABLE | HANGUP;

  test(
    'is no error, and its event comes every time in mode `level`, until it is deleted',
    withSelector((selector) => {
      const [, writer] = pipe();
      expect(selector.add(writer, 1, WRITABLE, 'level')).toBe(0);
      for (let i = 0; i < 2; i++) expect(collect(selector)).toEqual([[writer, 1, broken]]);
      expect(selector.modify(writer, 2, WRITABLE, 'level', WRITABLE)).toBe(0);
      for (let i = 0; i < 2; i++) expect(collect(selector)).toEqual([[writer, 2, broken]]);
      selector.delete(writer, WRITABLE);
      expect(collect(selector)).toEqual([]);
    }),
  );

  test.each(['edge', 'oneshot'] as const)(
    'is reported once after every change in mode `%s`',
    (mode) =>
      withSelector((selector) => {
        const [, writer] = pipe();
        expect(selector.add(writer, 1, WRITABLE, mode)).toBe(0);
        expect(collect(selector)).toEqual([[writer, 1, broken]]);
        expect(collect(selector)).toEqual([]);
        expect(selector.modify(writer, 2, WRITABLE, mode, WRITABLE)).toBe(0);
        expect(collect(selector)).toEqual([[writer, 2, broken]]);
        expect(selector.modify(writer, 3, WRITABLE, mode, WRITABLE)).toBe(0);
        selector.delete(writer, WRITABLE);
        expect(collect(selector)).toEqual([]);
      })(),
  );
});
