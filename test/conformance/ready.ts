import { readSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Backend, type Poller, PRIORITY, READABLE, WRITABLE } from '../../lib/index';
import { inChild, type Tools } from '../support/child';
import { close, pipe, socketPair } from '../support/descriptors';
import { afterTurns, PENDING } from '../support/turns';
import { eventOf, NOW, type Subject } from './subject';

/** In a child: waits for something that never comes, and prints when the process exits even so. */
function waitInVain(tools: Tools, o: { backend: Backend; unref: boolean }) {
  const { iomux, descriptors, fs, later } = tools;
  const poller = new iomux.Poller({ backend: o.backend });
  const [reader, writer] = descriptors.pipe();
  poller.add(reader, iomux.READABLE);
  if (o.unref) poller.unref();
  void poller.ready().then((events) => {
    fs.writeSync(1, JSON.stringify(events.length));
  });
  // Only a process that stays alive gets here.
  setTimeout(() => fs.writeSync(writer, 'x'), later).unref();
}

/** Waiting without blocking. */
export function describeReady({ backend, newPoller, tellsHangup, priority }: Subject): void {
  describe('ready', () => {
    function withPipe(poller: Poller): [reader: number, writer: number] {
      const [reader, writer] = pipe();
      poller.add(reader, READABLE);
      return [reader, writer];
    }

    test('resolves at once with what is ready already', async () => {
      using poller = newPoller();
      const [reader, writer] = withPipe(poller);
      writeSync(writer, 'x');
      expect(await poller.ready()).toEqual([eventOf(reader, { readable: true })]);
    });

    test('resolves when something becomes ready, and not before', async () => {
      using poller = newPoller();
      const [reader, writer] = withPipe(poller);
      const waiting = poller.ready();
      expect(await afterTurns(waiting)).toBe(PENDING);
      writeSync(writer, 'x');
      expect(await waiting).toEqual([eventOf(reader, { readable: true })]);
      readSync(reader, Buffer.alloc(1));
      const next = poller.ready();
      expect(await afterTurns(next)).toBe(PENDING);
      close(writer);
      expect(await next).toEqual([eventOf(reader, { readable: true, hangup: tellsHangup })]);
    });

    test.runIf(priority)('resolves with a hang-up, whatever was asked for', async () => {
      using poller = newPoller();
      const [ours, theirs] = socketPair();
      poller.add(ours, PRIORITY);
      const waiting = poller.ready();
      close(theirs);
      const [event] = await waiting;
      expect(event).toMatchObject({ hangup: true });
      expect(poller.wait(NOW)).toEqual([event]);
    });

    test('tells everybody who waits', async () => {
      using poller = newPoller();
      const [reader, writer] = withPipe(poller);
      const waiting = [poller.ready(), poller.ready(), poller.ready()];
      writeSync(writer, 'x');
      const event = eventOf(reader, { readable: true });
      expect(await Promise.all(waiting)).toEqual([[event], [event], [event]]);
    });

    test('sees what is added, modified and deleted while it waits', async () => {
      using poller = newPoller();
      const [reader, writer] = withPipe(poller);
      const waiting = poller.ready();
      await afterTurns(waiting);
      poller.delete(reader);
      writeSync(writer, 'x');
      expect(await afterTurns(waiting)).toBe(PENDING);
      const [, other] = pipe();
      poller.add(other, READABLE);
      expect(await afterTurns(waiting)).toBe(PENDING);
      poller.modify(other, WRITABLE, { token: 'modified' });
      expect(await waiting).toEqual([eventOf(other, { writable: true, token: 'modified' })]);
    });

    test('spends a `oneshot`, of which only one of two hears', async () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      poller.add(reader, READABLE, { mode: 'oneshot' });
      const waiting = [poller.ready(), poller.ready()];
      writeSync(writer, 'x');
      expect(await Promise.race(waiting)).toEqual([eventOf(reader, { readable: true })]);
      expect(await afterTurns(waiting[1])).toBe(PENDING);
      poller.notify();
      expect(await waiting[1]).toEqual([]);
      expect(poller.wait(NOW)).toEqual([]);
    });

    test('rejects with the reason of a signal that is aborted already', async () => {
      using poller = newPoller();
      const [, writer] = withPipe(poller);
      writeSync(writer, 'x');
      const reason = new Error('no more');
      await expect(poller.ready({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    });

    test('rejects with the reason when it is aborted, without effect on others', async () => {
      using poller = newPoller();
      const [reader, writer] = withPipe(poller);
      const controller = new AbortController();
      const aborted = poller.ready({ signal: controller.signal });
      const other = poller.ready();
      const reason = new Error('no more');
      controller.abort(reason);
      await expect(aborted).rejects.toBe(reason);
      writeSync(writer, 'x');
      expect(await other).toEqual([eventOf(reader, { readable: true })]);
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true })]);
    });

    test('has a timeout by AbortSignal.timeout', async () => {
      using poller = newPoller();
      withPipe(poller);
      await expect(poller.ready({ signal: AbortSignal.timeout(5) })).rejects.toMatchObject({
        name: 'TimeoutError',
      });
    });

    test('rejects with ERR_CLOSED when the poller is closed, and never hangs', async () => {
      const poller = newPoller();
      withPipe(poller);
      const waiting = [poller.ready(), poller.ready({ signal: new AbortController().signal })];
      poller.close();
      for (const promise of waiting) {
        await expect(promise).rejects.toMatchObject({ code: 'ERR_CLOSED' });
      }
    });

    test('survives that a descriptor is closed while it waits', async () => {
      using poller = newPoller();
      const [reader, writer] = withPipe(poller);
      const [gone] = withPipe(poller);
      const waiting = poller.ready();
      await afterTurns(waiting);
      close(gone);
      poller.delete(gone);
      expect(await afterTurns(waiting)).toBe(PENDING);
      writeSync(writer, 'x');
      expect(await waiting).toEqual([eventOf(reader, { readable: true })]);
    });

    test('keeps the process alive', async () => {
      const outcome = await inChild(waitInVain, { argument: { backend, unref: false } });
      expect(outcome).toMatchObject({ code: 0, stderr: '', result: 1 });
    });

    test('does not keep the process alive after `unref`', async () => {
      const outcome = await inChild(waitInVain, { argument: { backend, unref: true } });
      expect(outcome).toMatchObject({ code: 0, stderr: '', result: undefined });
    });
  });
}
