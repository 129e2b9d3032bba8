import { readSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  EV_ADD,
  EV_CLEAR,
  EV_DELETE,
  EV_DISABLE,
  EV_DISPATCH,
  EV_ENABLE,
  EV_EOF,
  EV_ONESHOT,
  EV_RECEIPT,
  EVFILT_READ,
  EVFILT_TIMER,
  EVFILT_USER,
  EVFILT_WRITE,
  Kqueue,
  NOTE_TRIGGER,
} from '../../lib/kqueue';
import { inChild, type Tools } from '../support/child';
import { close, dup, pipe, socketPair } from '../support/descriptors';
import { hasKqueue, isEmulated } from '../support/kqueue/kernel';
import { inWorker, type Packages } from '../support/worker';

const NOW = { timeout: 0 };
const SOON = { timeout: 5000 };
const NUMBERS = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 52 + 1, Number.MAX_SAFE_INTEGER];

/** In a child: waits while a signal arrives every few milliseconds. */
function waitUnderFire({ descriptors, fs }: Tools) {
  const { Kqueue, EVFILT_READ } = require('iomux/kqueue') as typeof import('../../lib/kqueue');
  process.on('SIGALRM', () => undefined);
  const kqueue = new Kqueue();
  const [reader, writer] = descriptors.pipe();
  descriptors.interruptEvery(2);
  const start = performance.now();
  const events = kqueue.kevent([{ ident: reader, filter: EVFILT_READ }], { timeout: 25.5 });
  const elapsed = performance.now() - start;
  descriptors.interruptEvery(0);
  // The change of the call that was interrupted has been made.
  fs.writeSync(writer, 'x');
  return { events, elapsed, after: kqueue.kevent([], { timeout: 0 }).length };
}

/** In a Worker, whose long waits are cut into slices: only the first may make the changes. */
function waitInWorker(_: Packages, readers: number[]) {
  const { EV_DELETE, EVFILT_READ, Kqueue } =
    require('iomux/kqueue') as typeof import('../../lib/kqueue');
  const kqueue = new Kqueue();
  const changes = readers.map((ident) => ({ ident, filter: EVFILT_READ, udata: 2 ** 40 }));
  const events = kqueue.kevent(changes, { timeout: 5000 });
  const deletions = changes.map((change) => ({ ...change, flags: EV_DELETE }));
  const idle = kqueue.kevent(deletions, { timeout: 250, maxEvents: 1 });
  kqueue.close();
  return { events: events.map(({ ident, udata }) => [ident, udata]), idle };
}

describe.runIf(hasKqueue)('an event', () => {
  test('says of a reader how much there is, every time', () => {
    using kqueue = new Kqueue();
    const [reader, writer] = pipe();
    const changes = [{ ident: reader, filter: EVFILT_READ, udata: 7 }];
    expect(kqueue.kevent(changes, NOW)).toEqual([]);
    writeSync(writer, 'abc');
    for (let i = 0; i < 2; i++) {
      expect(kqueue.kevent([], NOW)).toEqual([
        expect.objectContaining({ ident: reader, filter: EVFILT_READ, data: 3, udata: 7 }),
      ]);
    }
    readSync(reader, Buffer.alloc(3));
    expect(kqueue.kevent([], NOW)).toEqual([]);
  });

  test('says of a writer how much room there is', () => {
    using kqueue = new Kqueue();
    const [, writer] = pipe();
    const [event] = kqueue.kevent([{ ident: writer, filter: EVFILT_WRITE }], NOW);
    expect(event).toMatchObject({ ident: writer, filter: EVFILT_WRITE });
    expect(event.data).toBeGreaterThan(0);
  });

  test('is one for each filter of a descriptor', () => {
    using kqueue = new Kqueue();
    const [socket, peer] = socketPair();
    writeSync(peer, 'x');
    const filters = [EVFILT_READ, EVFILT_WRITE];
    const events = kqueue.kevent(
      filters.map((filter) => ({ ident: socket, filter, udata: -filter })),
      NOW,
    );
    const said = events.map(({ filter, udata }) => [filter, udata]);
    expect(said.sort()).toEqual(filters.map((filter) => [filter, -filter]));
  });

  test('tells the end with the data that is still there', () => {
    using kqueue = new Kqueue();
    const [reader, writer] = pipe();
    writeSync(writer, 'last');
    close(writer);
    const [event] = kqueue.kevent([{ ident: reader, filter: EVFILT_READ }], NOW);
    expect(event.data).toBe(4);
    expect(event.flags & EV_EOF).toBe(EV_EOF);
  });

  test('with EV_CLEAR comes once for each arrival', () => {
    using kqueue = new Kqueue();
    const [reader, writer] = pipe();
    kqueue.kevent([{ ident: reader, filter: EVFILT_READ, flags: EV_ADD | EV_CLEAR }], NOW);
    for (let i = 1; i <= 2; i++) {
      writeSync(writer, 'x');
      expect(kqueue.kevent([], NOW)).toMatchObject([{ data: i }]);
      expect(kqueue.kevent([], NOW)).toEqual([]);
    }
  });

  test('with EV_ONESHOT comes once, and its filter is gone', () => {
    using kqueue = new Kqueue();
    const [, writer] = pipe();
    const change = { ident: writer, filter: EVFILT_WRITE, flags: EV_ADD | EV_ONESHOT };
    expect(kqueue.kevent([change], NOW)).toHaveLength(1);
    expect(kqueue.kevent([], NOW)).toEqual([]);
    const [receipt] = kqueue.kevent([{ ...change, flags: EV_DELETE | EV_RECEIPT }]);
    expect(receipt.data).not.toBe(0);
  });

  test('with EV_DISPATCH comes once until EV_ENABLE', () => {
    using kqueue = new Kqueue();
    const [, writer] = pipe();
    const change = { ident: writer, filter: EVFILT_WRITE };
    expect(kqueue.kevent([{ ...change, flags: EV_ADD | EV_DISPATCH }], NOW)).toHaveLength(1);
    expect(kqueue.kevent([], NOW)).toEqual([]);
    expect(kqueue.kevent([{ ...change, flags: EV_ENABLE }], NOW)).toHaveLength(1);
    expect(kqueue.kevent([], NOW)).toEqual([]);
  });

  test('does not come between EV_DISABLE and EV_ENABLE', () => {
    using kqueue = new Kqueue();
    const [, writer] = pipe();
    const change = { ident: writer, filter: EVFILT_WRITE };
    expect(kqueue.kevent([change], NOW)).toHaveLength(1);
    expect(kqueue.kevent([{ ...change, flags: EV_DISABLE }], NOW)).toEqual([]);
    expect(kqueue.kevent([{ ...change, flags: EV_ENABLE }], NOW)).toHaveLength(1);
  });

  test.each(NUMBERS)('brings back %d as its user data', (udata) => {
    using kqueue = new Kqueue();
    const [, writer] = pipe();
    const changes = [{ ident: writer, filter: EVFILT_WRITE, udata }];
    expect(kqueue.kevent(changes, NOW)).toMatchObject([{ ident: writer, udata }]);
  });

  test.each(NUMBERS)('of a timer has %d as its identifier', (ident) => {
    using kqueue = new Kqueue();
    const changes = [{ ident, filter: EVFILT_TIMER, flags: EV_ADD | EV_ONESHOT, data: 1 }];
    expect(kqueue.kevent(changes, SOON)).toMatchObject([{ ident, filter: EVFILT_TIMER, data: 1 }]);
  });
});

describe.runIf(hasKqueue)('a wait', () => {
  test.each([0.05, 0.999, 1.7, 12])('of %d ms is never early', (timeout) => {
    using kqueue = new Kqueue();
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      expect(kqueue.kevent([], { timeout })).toEqual([]);
      expect(performance.now() - start).toBeGreaterThanOrEqual(timeout);
    }
  });

  test('goes on with the time that is left after a signal, and keeps what it has changed', async () => {
    const { code, stderr, result } = await inChild(waitUnderFire);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(result).toMatchObject({ events: [], after: 1 });
    expect((result as { elapsed: number }).elapsed).toBeGreaterThanOrEqual(25.5);
  });

  test('reports at most `maxEvents`, and everybody in turn', () => {
    using kqueue = new Kqueue();
    const [, writer] = pipe();
    const fds = Array.from({ length: 9 }, () => dup(writer));
    kqueue.kevent(
      fds.map((ident) => ({ ident, filter: EVFILT_WRITE })),
      NOW,
    );
    for (const maxEvents of [1, 5, 9]) {
      expect(kqueue.kevent([], { timeout: 0, maxEvents })).toHaveLength(maxEvents);
    }
    const turns = fds.flatMap(() => kqueue.kevent([], { timeout: 0, maxEvents: 1 }));
    expect(turns.map(({ ident }) => ident).sort((a, b) => a - b)).toEqual(fds);
  });

  test('blocks a Worker while this thread goes on, and makes its changes once', async () => {
    const [reader, writer] = pipe();
    const [other] = pipe();
    const waiting = inWorker(waitInWorker, [reader, other]);
    writeSync(writer, 'x');
    expect(await waiting).toEqual({ events: [[reader, 2 ** 40]], idle: [] });
  });

  test.each([
    [{ timeout: -0.5 }, 'ERR_OUT_OF_RANGE'],
    [{ timeout: NaN }, 'ERR_OUT_OF_RANGE'],
    [{ timeout: '0' }, 'ERR_INVALID_ARG_TYPE'],
    [{ timeout: 0, maxEvents: 0 }, 'ERR_OUT_OF_RANGE'],
    [{ timeout: 0, maxEvents: null }, 'ERR_INVALID_ARG_TYPE'],
    [{ timeout: 0, signal: AbortSignal.abort() }, 'ERR_INVALID_ARG_VALUE'],
    [null, 'ERR_INVALID_ARG_TYPE'],
  ])('does not take %o', (o, code) => {
    using kqueue = new Kqueue();
    expect(() => kqueue.kevent([], o as { timeout: number })).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

// libkqueue has FreeBSD's number for EVFILT_USER, keeps the knotes of closed descriptors, and reports at most
// 512 events.
describe.runIf(hasKqueue && !isEmulated)('an event of a kernel', () => {
  test('of the program’s own is triggered', () => {
    using kqueue = new Kqueue();
    const change = { ident: 5, filter: EVFILT_USER };
    expect(kqueue.kevent([{ ...change, flags: EV_ADD | EV_CLEAR, udata: 9 }], NOW)).toEqual([]);
    const trigger = { ...change, flags: 0, fflags: NOTE_TRIGGER, udata: 9 };
    expect(kqueue.kevent([trigger], NOW)).toMatchObject([{ ...change, udata: 9 }]);
    expect(kqueue.kevent([], NOW)).toEqual([]);
  });

  test.runIf(process.platform === 'darwin').each([-1, ...NUMBERS])(
    'of the program’s own brings back %d as its data',
    (data) => {
      using kqueue = new Kqueue();
      const change = { ident: 5, filter: EVFILT_USER, fflags: NOTE_TRIGGER, data };
      expect(kqueue.kevent([change], NOW)).toMatchObject([{ data }]);
    },
  );

  test('does not come of a descriptor that was closed, whatever duplicates are open', () => {
    using kqueue = new Kqueue();
    const [reader, writer] = pipe();
    const duplicate = dup(reader);
    const idents = [reader, duplicate];
    kqueue.kevent(
      idents.map((ident) => ({ ident, filter: EVFILT_READ })),
      NOW,
    );
    close(reader);
    writeSync(writer, 'x');
    expect(kqueue.kevent([], NOW)).toMatchObject([{ ident: duplicate }]);
  });

  test('is one of 1024 at most, the others come the next time', () => {
    using kqueue = new Kqueue();
    const [, writer] = pipe();
    const fds = Array.from({ length: 1100 }, () => dup(writer));
    const first = kqueue.kevent(
      fds.map((ident) => ({ ident, filter: EVFILT_WRITE })),
      NOW,
    );
    expect(first).toHaveLength(1024);
    const second = kqueue.kevent([], { timeout: 0, maxEvents: 2 ** 31 - 1 });
    const seen = [...first, ...second].map(({ ident }) => ident);
    expect(new Set(seen)).toEqual(new Set(fds));
  });
});
