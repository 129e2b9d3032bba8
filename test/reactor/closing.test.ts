import { openSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { READABLE, WRITABLE } from '../../lib/index';
import { native } from '../../lib/native';
import {
  close,
  descriptors,
  dup,
  owned,
  pipe,
  socketPair,
  takeNumber,
} from '../support/descriptors';
import { delivered, isSettled, perTest, sleeps, turn } from './turns';

const given = perTest();
const closed = { code: 'ERR_CLOSED' };
/** A kqueue forgets a descriptor that is closed, whatever duplicates are open. */
const hasGhosts = native.backend === 'epoll';
/** A ghost is not reported more often than this. */
const BOUND = 2000;

/** A pipe whose reading end takes over the number `fd`. */
function pipeInstead(fd: number): [reader: number, writer: number] {
  const [reader, writer] = pipe();
  descriptors.dup2(reader, fd);
  owned([fd]);
  close(reader);
  return [fd, writer];
}

describe('notifyClosing', () => {
  test('rejects all who wait, and closes the registrations', async () => {
    const { reactor } = given;
    const [ours] = socketPair();
    const waiting = [reactor.readable(ours), reactor.readable(ours), reactor.priority(ours)];
    const registration = reactor.register(ours, READABLE, () => undefined);
    reactor.notifyClosing(ours);
    for (const promise of waiting) await expect(promise).rejects.toMatchObject(closed);
    expect(registration).toMatchObject({ closed: true, fd: -1, interest: 0 });
    expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0, registrations: 0 });
  });

  test('rejects them whatever the program makes of stacks', async () => {
    const { reactor } = given;
    const [reader] = pipe();
    const waiting = reactor.readable(reader);
    const { prepareStackTrace } = Error;
    Error.prepareStackTrace = (_, frames) => frames;
    try {
      reactor.notifyClosing(reader);
    } finally {
      Error.prepareStackTrace = prepareStackTrace;
    }
    await expect(waiting).rejects.toMatchObject(closed);
  });

  test('takes out what is armed although nobody waits any more', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    writeSync(writer, 'x');
    await reactor.readable(reader);
    reactor.notifyClosing(reader);
    expect(reactor.statistics().armed).toBe(0);
  });

  test('does nothing for a descriptor that nobody waits for', () => {
    const [reader] = pipe();
    given.reactor.notifyClosing(reader);
    given.reactor.notifyClosing(1_000_000);
    expect(given.reactor.fd).toBe(-1);
  });

  test('does not close the descriptor, which can be waited for again', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    const waiting = reactor.readable(reader);
    reactor.notifyClosing(reader);
    await expect(waiting).rejects.toMatchObject(closed);
    writeSync(writer, 'x');
    await reactor.readable(reader);
  });

  test('in a callback of the same batch, what the batch says of the descriptor is forgotten', async () => {
    const { reactor } = given;
    const [one, toOne] = pipe();
    const [other, toOther] = pipe();
    const registration = reactor.register(one, READABLE, () => {
      registration.close();
      reactor.notifyClosing(other);
      pipeInstead(other);
      after = reactor.readable(other);
    });
    const before = reactor.readable(other);
    let after: Promise<void> | undefined;
    writeSync(toOne, 'x');
    writeSync(toOther, 'x');
    await expect(before).rejects.toMatchObject(closed);
    await delivered(reactor);
    // The wait for the new file is not settled by an event of the old one.
    expect(reactor.statistics()).toMatchObject({ waiting: 1 });
    reactor.notifyClosing(other);
    await expect(after).rejects.toMatchObject(closed);
  });
});

describe('a descriptor that is closed without a word', () => {
  test('is EBADF for the next who waits, and ERR_CLOSED for those before', async () => {
    const { reactor } = given;
    const [reader] = pipe();
    const before = reactor.readable(reader);
    close(reader);
    await expect(reactor.readable(reader)).rejects.toMatchObject({ code: 'EBADF' });
    await expect(before).rejects.toMatchObject(closed);
    expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0 });
  });

  test('is EPERM where the number is a regular file’s, and ERR_CLOSED for those before', async () => {
    const { reactor } = given;
    const [reader] = pipe();
    const [file] = owned([openSync(__filename, 'r')]);
    const before = reactor.readable(reader);
    descriptors.dup2(file, reader);
    await expect(reactor.readable(reader)).rejects.toMatchObject({ code: 'EPERM' });
    await expect(before).rejects.toMatchObject(closed);
    expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0 });
  });

  test('and used again is another file: it is waited for anew', async () => {
    const { reactor } = given;
    const [reader] = pipe();
    const before = reactor.readable(reader);
    const [, writer] = pipeInstead(reader);
    const after = reactor.readable(reader);
    await expect(before).rejects.toMatchObject(closed);
    expect(await isSettled(after)).toBe(false);
    writeSync(writer, 'x');
    await after;
  });

  test('and used again is another file also when it was told of before', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    writeSync(writer, 'x');
    await reactor.readable(reader);
    await delivered(reactor);
    const [, newWriter] = pipeInstead(reader);
    const waiting = reactor.readable(reader);
    writeSync(newWriter, 'x');
    await waiting;
  });

  test('and used again is another file before the wake-up that told of it is over', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    writeSync(writer, 'x');
    await reactor.readable(reader);
    const [, newWriter] = pipeInstead(reader);
    const waiting = reactor.readable(reader);
    writeSync(newWriter, 'x');
    await waiting;
  });

  test('and used again in the batch that reports it is another file', async () => {
    const { reactor } = given;
    const [one, toOne] = pipe();
    const [other, toOther] = pipe();
    let newWriter = -1;
    let waiting: Promise<void> | undefined;
    const before = reactor.readable(other);
    const registration = reactor.register(one, READABLE, () => {
      registration.close();
      [, newWriter] = pipeInstead(other);
      waiting = reactor.readable(other);
    });
    writeSync(toOne, 'x');
    writeSync(toOther, 'x');
    // It was ready, and then it was closed: either result is right.
    await Promise.allSettled([before]);
    await delivered(reactor);
    // Settled by the old event, which is a hint, or by the new file; but it must not stay pending.
    writeSync(newWriter, 'x');
    await waiting;
    await reactor.readable(other);
  });

  test.each([true, false])(
    'and used again in the batch that reports it does not lend its event to a new registration',
    async (closes) => {
      const { reactor } = given;
      const [one, toOne] = pipe();
      const [other, toOther] = pipe();
      const told: string[] = [];
      const first = reactor.register(one, READABLE, () => {
        first.close();
        if (closes) second.close();
        pipeInstead(other);
        reactor.register(other, READABLE, () => told.push('of the new file'));
      });
      const second = reactor.register(other, READABLE, () => told.push('of the old file'));
      writeSync(toOne, 'x');
      writeSync(toOther, 'x');
      await delivered(reactor);
      expect(told).toEqual([]);
      expect(second.closed).toBe(true);
    },
  );

  test('closes its registration when that is modified, which is told', () => {
    const { reactor } = given;
    const [reader] = pipe();
    const registration = reactor.register(reader, READABLE, () => undefined);
    pipeInstead(reader);
    expect(() => {
      registration.modify(READABLE | WRITABLE);
    }).toThrow(expect.objectContaining(closed));
    expect(registration.closed).toBe(true);
    expect(reactor.statistics()).toMatchObject({ registrations: 0, armed: 0 });
  });

  test('lets its registration be closed', () => {
    const { reactor } = given;
    const [reader] = pipe();
    const registration = reactor.register(reader, READABLE, () => undefined);
    close(reader);
    registration.close();
    expect(reactor.statistics()).toMatchObject({ registrations: 0, armed: 0 });
  });

  test('lets a wait for it be aborted', async () => {
    const { reactor } = given;
    const [reader] = pipe();
    const controller = new AbortController();
    const waiting = reactor.readable(reader, { signal: controller.signal });
    pipeInstead(reader);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0 });
  });
});

describe('a descriptor that is closed while a duplicate keeps its file open', () => {
  test.runIf(hasGhosts)('wakes at most once, and does not spin', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    dup(reader);
    const waiting = reactor.readable(reader);
    close(reader);
    writeSync(writer, 'x');
    // A ghost: only the kernel knows that the descriptor is closed.
    await waiting;
    expect(await sleeps()).toBe(true);
    expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0 });
  });

  test('does not spin after the wait for it was aborted', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    dup(reader);
    const controller = new AbortController();
    const waiting = reactor.readable(reader, { signal: controller.signal });
    close(reader);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    writeSync(writer, 'x');
    expect(await sleeps()).toBe(true);
  });

  test('does not spin after its edge-triggered registration was closed', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    dup(reader);
    let calls = 0;
    const registration = reactor.register(reader, READABLE, () => calls++, { mode: 'edge' });
    close(reader);
    registration.close();
    writeSync(writer, 'x');
    await delivered(reactor);
    expect(await sleeps()).toBe(true);
    expect(calls).toBe(0);
  });

  test.runIf(hasGhosts).for(['level', 'edge'] as const)(
    'closes a callback that it has called a bounded number of times',
    async (mode) => {
      const { reactor } = given;
      const [reader, writer] = pipe();
      dup(reader);
      let calls = 0;
      const registration = reactor.register(reader, READABLE, () => calls++, { mode });
      close(reader);
      while (!registration.closed && calls < BOUND) {
        writeSync(writer, 'x');
        await turn();
      }
      expect(registration.closed).toBe(true);
      expect(await sleeps()).toBe(true);
      expect(reactor.statistics()).toMatchObject({ armed: 0, registrations: 0 });
    },
  );

  test.runIf(hasGhosts)('wakes no more often who waits for a file with its number', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    const [next, toNext] = pipe();
    dup(reader);
    writeSync(writer, 'x');
    await reactor.readable(reader);
    // Within the wake-up, so that the wait makes no system call.
    close(reader);
    owned([takeNumber(next, reader)]);
    let wakes = 0;
    const told = new AbortController();
    const waiting = (async () => {
      for (; !told.signal.aborted; wakes++) await reactor.readable(reader);
    })();
    expect(await sleeps()).toBe(true);
    expect(wakes).toBeLessThan(BOUND);
    told.abort();
    writeSync(toNext, 'x');
    await waiting;
  });

  test('and whose number is used again does not tell those who wait for the new file', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    dup(reader);
    const before = reactor.readable(reader);
    const [, newWriter] = pipeInstead(reader);
    const after = reactor.readable(reader);
    await expect(before).rejects.toMatchObject(closed);
    writeSync(writer, 'x');
    await delivered(reactor);
    expect(await isSettled(after)).toBe(false);
    writeSync(newWriter, 'x');
    await after;
  });

  test.runIf(hasGhosts)('leaves everything else registered as it was', async () => {
    const { reactor } = given;
    const [ghost, toGhost] = pipe();
    dup(ghost);
    const [levelEnd, toLevel] = pipe();
    const [edgeEnd, toEdge] = pipe();
    const [waitedFor, toWaitedFor] = pipe();
    const called = { level: 0, edge: 0 };
    reactor.register(levelEnd, READABLE, () => called.level++);
    reactor.register(edgeEnd, READABLE, () => called.edge++, { mode: 'edge' });
    const waiting = reactor.readable(waitedFor);
    const phantom = reactor.readable(ghost);
    close(ghost);
    writeSync(toGhost, 'x');
    await phantom;
    await delivered(reactor); // reported with nobody waiting: taken out, and everything else put back
    await delivered(reactor);
    expect(called).toEqual({ level: 0, edge: 0 });
    writeSync(toEdge, 'x');
    await delivered(reactor);
    expect(called).toEqual({ level: 0, edge: 1 });
    writeSync(toLevel, 'x');
    writeSync(toWaitedFor, 'x');
    await waiting;
    await delivered(reactor);
    expect(called.edge).toBe(1);
    expect(called.level).toBeGreaterThan(0);
    reactor.notifyClosing(levelEnd);
    reactor.notifyClosing(edgeEnd);
  });

  test.runIf(hasGhosts)(
    'ends with ERR_CLOSED those who wait for other descriptors that are closed too',
    async () => {
      const { reactor } = given;
      const [ghost, toGhost] = pipe();
      const [gone] = pipe();
      dup(ghost);
      const lost = reactor.readable(gone);
      const phantom = reactor.readable(ghost);
      close(ghost, gone);
      writeSync(toGhost, 'x');
      await phantom;
      await expect(lost).rejects.toMatchObject(closed);
    },
  );
});
