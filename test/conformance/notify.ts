import { readSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Backend, type NotifyHandle, Poller, READABLE, WRITABLE } from '../../lib/index';
import { close, dup, isOpen, pipe } from '../support/descriptors';
import { afterTurns, PENDING } from '../support/turns';
import { inWorker, type Packages } from '../support/worker';
import { eventOf, NOW, SOON, type Subject } from './subject';

/** How long `wait` took, in milliseconds. */
function timeOf(wait: () => void): number {
  const start = performance.now();
  wait();
  return performance.now() - start;
}

/** Opens the poller's handle with the number of a source that was closed but not deleted. */
function handleAt(poller: Poller, number: number): NotifyHandle {
  close(number);
  const { notifyHandle } = poller;
  expect(isOpen(number)).toBe(true);
  return notifyHandle;
}

/** A notification is noticed once, and is not an event of the source. */
function expectHeard(poller: Poller, handle: NotifyHandle): void {
  expect(Poller.notify(handle)).toBe(true);
  const elapsed = timeOf(() => {
    expect(poller.wait(SOON)).toEqual([]);
  });
  expect(elapsed).toBeLessThan(SOON.timeout);
  const silent = timeOf(() => {
    expect(poller.wait({ timeout: 20 })).toEqual([]);
  });
  expect(silent).toBeGreaterThanOrEqual(20);
}

/** In a Worker. */
function notifyFrom({ iomux }: Packages, handle: NotifyHandle): void {
  iomux.Poller.notify(handle);
}

/** In a Worker. */
async function waitInEveryWay(
  { iomux }: Packages,
  { backend, reader, writer }: { backend: Backend; reader: number; writer: number },
) {
  const poller = new iomux.Poller({ backend });
  poller.add(reader, iomux.READABLE, { token: 'from a Worker' });
  const nothing = poller.wait({ timeout: 1 });
  process.getBuiltinModule('fs').writeSync(writer, 'x');
  const blocking = poller.wait({ timeout: 5000 });
  const ready = await poller.ready();
  poller.close();
  return { nothing, blocking, ready };
}

/** Ending a wait without an event, from this thread and from others. */
export function describeNotify({ backend, newPoller, ghosts }: Subject): void {
  describe('notify', () => {
    test('ends the next wait, which reports nothing', () => {
      using poller = newPoller();
      poller.notify();
      const elapsed = timeOf(() => {
        expect(poller.wait(SOON)).toEqual([]);
      });
      expect(elapsed).toBeLessThan(SOON.timeout);
    });

    test('ends one wait only, however often it was called', () => {
      using poller = newPoller();
      for (let i = 0; i < 3; i++) poller.notify();
      poller.wait(SOON);
      const elapsed = timeOf(() => {
        expect(poller.wait({ timeout: 20 })).toEqual([]);
      });
      expect(elapsed).toBeGreaterThanOrEqual(20);
    });

    test('works again after it has been seen', () => {
      using poller = newPoller();
      for (let i = 0; i < 3; i++) {
        poller.notify();
        const elapsed = timeOf(() => poller.wait(SOON));
        expect(elapsed).toBeLessThan(SOON.timeout);
      }
    });

    test('is used up by a wait that reports events as well', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      poller.add(reader, READABLE);
      poller.notify();
      writeSync(writer, 'x');
      expect(poller.wait(SOON)).toEqual([eventOf(reader, { readable: true })]);
      readSync(reader, Buffer.alloc(1));
      const elapsed = timeOf(() => {
        expect(poller.wait({ timeout: 20 })).toEqual([]);
      });
      expect(elapsed).toBeGreaterThanOrEqual(20);
    });

    test('settles a pending `ready` with nothing, and the next one waits', async () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      poller.add(reader, READABLE);
      const first = poller.ready();
      poller.notify();
      expect(await first).toEqual([]);
      const second = poller.ready();
      writeSync(writer, 'x');
      expect(await second).toEqual([eventOf(reader, { readable: true })]);
    });

    test('goes through the handle as well, which stays the same', () => {
      using poller = newPoller();
      const { notifyHandle } = poller;
      expect(poller.notifyHandle).toEqual(notifyHandle);
      Poller.notify(notifyHandle);
      const elapsed = timeOf(() => {
        expect(poller.wait(SOON)).toEqual([]);
      });
      expect(elapsed).toBeLessThan(SOON.timeout);
    });

    test('through the handle of a poller that was closed wakes nobody', async () => {
      const first = newPoller();
      const { notifyHandle } = first;
      expect(Poller.notify(notifyHandle)).toBe(true);
      first.close();
      let second = newPoller();
      // A thread of libkqueue may use the number for a moment.
      for (let i = 0; i < 20 && second.notifyHandle.fd !== notifyHandle.fd; i++) {
        second.close();
        await new Promise((resolve) => setTimeout(resolve, 5));
        second = newPoller();
      }
      expect(second.notifyHandle.fd).toBe(notifyHandle.fd);
      expect(Poller.notify(notifyHandle)).toBe(false);
      expect(await afterTurns(second.ready().catch(() => 'closed'))).toBe(PENDING);
      second.close();
    });

    test.each([
      [undefined, 'ERR_INVALID_ARG_TYPE'],
      [5, 'ERR_INVALID_ARG_TYPE'],
      [{ fd: 1 }, 'ERR_INVALID_ARG_TYPE'],
      [{ fd: -1, serial: 1 }, 'ERR_OUT_OF_RANGE'],
      [{ fd: 1, serial: 0 }, 'ERR_OUT_OF_RANGE'],
    ])('refuses %o for a handle', (handle, code) => {
      expect(() => Poller.notify(handle as NotifyHandle)).toThrow(
        expect.objectContaining({ code }),
      );
    });

    test('from a Worker ends a wait that blocks this thread', async () => {
      using poller = newPoller();
      const handle = structuredClone(poller.notifyHandle);
      const worker = inWorker(notifyFrom, handle);
      const elapsed = timeOf(() => {
        expect(poller.wait(SOON)).toEqual([]);
      });
      expect(elapsed).toBeLessThan(SOON.timeout);
      await worker;
    });

    test('from a Worker settles a pending `ready`', async () => {
      using poller = newPoller();
      const waiting = poller.ready();
      await inWorker(notifyFrom, poller.notifyHandle);
      expect(await waiting).toEqual([]);
    });
  });

  describe('notify, whose handle has the number of a source that was closed', () => {
    test('is heard after that source was deleted, which is no error, once', () => {
      using poller = newPoller();
      const [reader] = pipe();
      poller.add(reader, READABLE);
      const handle = handleAt(poller, reader);
      poller.delete(reader);
      expect(() => {
        poller.delete(reader);
      }).toThrow(expect.objectContaining({ code: 'ENOENT', fd: reader }));
      expectHeard(poller, handle);
    });

    test('is heard after `modify` of that source, which is ENOENT', () => {
      using poller = newPoller();
      const [reader] = pipe();
      poller.add(reader, READABLE);
      const handle = handleAt(poller, reader);
      expect(() => {
        poller.modify(reader, READABLE, { token: 'stolen' });
      }).toThrow(expect.objectContaining({ code: 'ENOENT', fd: reader }));
      expectHeard(poller, handle);
      poller.delete(reader);
    });

    test('is heard when nobody has said anything of that source', () => {
      using poller = newPoller();
      const [reader] = pipe();
      poller.add(reader, READABLE | WRITABLE, { mode: 'oneshot' });
      expectHeard(poller, handleAt(poller, reader));
    });
  });

  describe('in a Worker', () => {
    test('a poller waits, blocking and not', async () => {
      const [reader, writer] = pipe();
      const event = eventOf(reader, { readable: true, token: 'from a Worker' });
      expect(await inWorker(waitInEveryWay, { backend, reader, writer })).toEqual({
        nothing: [],
        blocking: [event],
        ready: [event],
      });
    });
  });

  describe.runIf(ghosts)('notify, whose handle has the number of a ghost', () => {
    test.each(['before', 'after', 'never'])(
      'is heard, and the ghost is not: deleted %s',
      (when) => {
        using poller = newPoller();
        const [reader, writer] = pipe();
        dup(reader);
        poller.add(reader, READABLE, { token: 'ghost' });
        writeSync(writer, 'x');
        close(reader);
        if (when === 'before') poller.delete(reader);
        const handle = poller.notifyHandle;
        expect(handle.fd).toBe(reader);
        if (when === 'after') poller.delete(reader);
        expectHeard(poller, handle);
      },
    );
  });

  describe.runIf(ghosts)('notify, after the kernel was made to forget a ghost', () => {
    test('works as before', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      dup(reader);
      poller.notify();
      expect(poller.wait(SOON)).toEqual([]);
      poller.add(reader, READABLE);
      writeSync(writer, 'x');
      close(reader);
      poller.delete(reader);
      expect(poller.wait(NOW)).toEqual([]);
      poller.notify();
      const elapsed = timeOf(() => {
        expect(poller.wait(SOON)).toEqual([]);
      });
      expect(elapsed).toBeLessThan(SOON.timeout);
    });
  });
}
