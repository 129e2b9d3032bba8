import { describe, expect, test } from 'vitest';
import {
  EV_ADD,
  EV_DELETE,
  EV_ERROR,
  EV_RECEIPT,
  EVFILT_READ,
  EVFILT_TIMER,
  EVFILT_WRITE,
  type KeventInit,
  Kqueue,
} from '../../lib/kqueue';
import { close, pipe } from '../support/descriptors';
import { hasKqueue, isEmulated } from '../support/kqueue/kernel';

const NOW = { timeout: 0 };

/** The result of deleting a filter: 0 if it was there. */
function errnoOfDeletion(kqueue: Kqueue, ident: number, filter: number): number {
  return kqueue.kevent([{ ident, filter, flags: EV_DELETE | EV_RECEIPT }])[0].data;
}

describe.runIf(hasKqueue)('a list of changes', () => {
  test('is anything that can be iterated, of descriptors and whatever has one', () => {
    using kqueue = new Kqueue();
    const [, writer] = pipe();
    const change = { ident: { fd: writer }, filter: EVFILT_WRITE };
    function* generate(): Generator<KeventInit> {
      yield change;
    }
    for (const changes of [[change], new Set([change]), generate()]) {
      expect(kqueue.kevent(changes, NOW)).toMatchObject([{ ident: writer }]);
      expect(errnoOfDeletion(kqueue, writer, EVFILT_WRITE)).toBe(0);
    }
  });

  test('is made before events are collected, in its order', () => {
    using kqueue = new Kqueue();
    const [, writer] = pipe();
    const change = { ident: writer, filter: EVFILT_WRITE };
    const list = [change, { ...change, flags: EV_DELETE }, { ...change, udata: 3 }];
    expect(kqueue.kevent(list, NOW)).toMatchObject([{ udata: 3 }]);
  });

  test('may be longer than the list of events that is asked for', () => {
    using kqueue = new Kqueue();
    const writers = Array.from({ length: 100 }, () => pipe()[1]);
    const changes = writers.map((ident) => ({ ident, filter: EVFILT_WRITE }));
    expect(kqueue.kevent(changes, { timeout: 0, maxEvents: 1 })).toHaveLength(1);
    expect(kqueue.kevent([], NOW)).toHaveLength(100);
  });

  test.each([
    [null, 'ERR_INVALID_ARG_TYPE'],
    [5, 'ERR_INVALID_ARG_TYPE'],
    [[null], 'ERR_INVALID_ARG_TYPE'],
    [[{}], 'ERR_INVALID_ARG_TYPE'],
    [[{ ident: '1', filter: EVFILT_READ }], 'ERR_INVALID_ARG_TYPE'],
    [[{ ident: -1, filter: EVFILT_READ }], 'ERR_OUT_OF_RANGE'],
    [[{ ident: { fd: -1 }, filter: EVFILT_READ }], 'ERR_CLOSED'],
    [[{ ident: 1, filter: undefined }], 'ERR_INVALID_ARG_TYPE'],
    [[{ ident: 1, filter: 0 }], 'ERR_OUT_OF_RANGE'],
    [[{ ident: 1, filter: -0x8001 }], 'ERR_OUT_OF_RANGE'],
    [[{ ident: 1, filter: EVFILT_READ, flags: 0x10000 }], 'ERR_OUT_OF_RANGE'],
    [[{ ident: 1, filter: EVFILT_READ, fflags: 2 ** 32 }], 'ERR_OUT_OF_RANGE'],
    [[{ ident: 1, filter: EVFILT_READ, data: 0.5 }], 'ERR_OUT_OF_RANGE'],
    [[{ ident: 1, filter: EVFILT_READ, data: 2 ** 53 }], 'ERR_OUT_OF_RANGE'],
    [[{ ident: 1, filter: EVFILT_READ, udata: -1 }], 'ERR_OUT_OF_RANGE'],
  ])('is not %o, and none of it is made then', (changes, code) => {
    using kqueue = new Kqueue();
    const [, writer] = pipe();
    const list = Array.isArray(changes)
      ? [{ ident: writer, filter: EVFILT_WRITE }, ...(changes as KeventInit[])]
      : changes;
    expect(() => kqueue.kevent(list as KeventInit[], NOW)).toThrow(
      expect.objectContaining({ code }),
    );
    expect(kqueue.kevent([], NOW)).toEqual([]);
  });

  test('takes filter flags up to the highest bit, which make a negative number', () => {
    using kqueue = new Kqueue();
    const fflags = 0x80000000 | 1;
    const timer = { ident: 1, filter: EVFILT_TIMER, flags: EV_ADD | EV_RECEIPT, data: 1 };
    expect(fflags).toBeLessThan(0);
    expect(kqueue.kevent([{ ...timer, fflags }])).toHaveLength(1);
  });
});

describe.runIf(hasKqueue)('a change that fails', () => {
  const missing = (ident: number): KeventInit => ({ ident, filter: EVFILT_READ, flags: EV_DELETE });

  test('is thrown as an error of the system, and the others are made', () => {
    using kqueue = new Kqueue();
    const [reader, writer] = pipe();
    // More changes than there is room for events; the other case is tested below.
    const changes = [missing(reader), { ident: writer, filter: EVFILT_WRITE }];
    expect(() => kqueue.kevent(changes, { maxEvents: 1 })).toThrow(
      expect.objectContaining({
        code: 'ENOENT',
        errno: expect.any(Number),
        syscall: 'kevent',
        fd: reader,
        message: 'ENOENT: no such file or directory, kevent',
      }),
    );
    expect(kqueue.kevent([], NOW)).toMatchObject([{ ident: writer }]);
  });

  test('is the first of them, and names a descriptor only where there is one', () => {
    using kqueue = new Kqueue();
    const timer = { ident: 3, filter: EVFILT_TIMER, flags: EV_DELETE };
    let thrown: unknown;
    try {
      kqueue.kevent([timer, missing(pipe()[0])], { maxEvents: 1 });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'ENOENT' });
    expect(thrown).not.toHaveProperty('fd');
  });

  test('throws at the user’s call', () => {
    using kqueue = new Kqueue();
    const [reader] = pipe();
    const where: string[] = [];
    for (const changes of [[missing(reader), missing(reader)], [{}]]) {
      try {
        kqueue.kevent(changes as KeventInit[], { maxEvents: 1 });
      } catch (error) {
        where.push(/\n +at (.*)/.exec((error as Error).stack ?? '')?.[1] ?? '');
      }
    }
    expect(where).toHaveLength(2);
    for (const frame of where) expect(frame).toContain('kqueue-changes.test.ts');
  });
});

describe.runIf(hasKqueue)('a receipt', () => {
  test('is the answer to each change that asks for one, and to each that fails', () => {
    using kqueue = new Kqueue();
    const [reader, writer] = pipe();
    const changes = [
      { ident: writer, filter: EVFILT_WRITE, flags: EV_ADD | EV_RECEIPT },
      { ident: reader, filter: EVFILT_READ, flags: EV_ADD },
      { ident: writer, filter: EVFILT_READ, flags: EV_DELETE },
    ];
    // If it waited, it would wait for ever.
    const receipts = kqueue.kevent(changes, { maxEvents: 1 });
    expect(receipts).toMatchObject([
      { ident: writer, filter: EVFILT_WRITE, data: 0 },
      { ident: writer, filter: EVFILT_READ, data: 2 },
    ]);
    for (const { flags } of receipts) expect(flags & EV_ERROR).toBe(EV_ERROR);
    expect(errnoOfDeletion(kqueue, reader, EVFILT_READ)).toBe(0);
  });

  test('of a descriptor that is not open says EBADF', () => {
    using kqueue = new Kqueue();
    const [reader] = pipe();
    close(reader);
    const change = { ident: reader, filter: EVFILT_READ, flags: EV_ADD | EV_RECEIPT };
    expect(kqueue.kevent([change])).toMatchObject([{ ident: reader, data: 9 }]);
  });
});

// libkqueue loses the error of a change when there is room for further events and nothing is ready, and does
// not replace a filter by adding it again.
describe.runIf(hasKqueue && !isEmulated)('a change that a kernel makes', () => {
  test('adds again what is there, with other user data', () => {
    using kqueue = new Kqueue();
    const [, writer] = pipe();
    const change = { ident: writer, filter: EVFILT_WRITE, flags: EV_ADD | EV_RECEIPT };
    for (const udata of [1, 2]) kqueue.kevent([{ ...change, udata }]);
    expect(kqueue.kevent([], NOW)).toMatchObject([{ udata: 2 }]);
  });

  test('is thrown when it fails, with room for events, and the call does not wait', () => {
    using kqueue = new Kqueue();
    const [reader] = pipe();
    close(reader);
    for (const [flags, code] of [
      [EV_ADD, 'EBADF'],
      [EV_DELETE, expect.stringMatching(/^(EBADF|ENOENT)$/)],
    ]) {
      expect(() => kqueue.kevent([{ ident: reader, filter: EVFILT_READ, flags }])).toThrow(
        expect.objectContaining({ code, fd: reader }),
      );
    }
  });
});
