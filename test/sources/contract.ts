import { describe, expect, test } from 'vitest';
import { Epoll, EPOLLIN } from '../../lib/epoll';
import { Poller, reactor, readable, READABLE, register } from '../../lib/index';
import { native } from '../../lib/native';
import { descriptors, isOpen, owned, pipe, takeNumber } from '../support/descriptors';
import { afterTurns, PENDING } from '../support/turns';

/** The common interface of all sources. */
export interface Source extends AsyncIterable<unknown> {
  readonly fd: number;
  readonly closed: boolean;
  wait(o?: { signal?: AbortSignal }): Promise<unknown>;
  tryTake(): unknown;
  ref(): unknown;
  unref(): unknown;
  close(): void;
  [Symbol.dispose](): void;
}

export interface Subject<S extends Source> {
  open(): S;
  /** Causes something to take: now, or very soon. */
  trigger(source: S): void;
  /** The results of `tryTake` when there is nothing to take, and after one trigger. */
  readonly nothing: unknown;
  readonly one: unknown;
  /** What `wait` resolves with after one trigger. */
  readonly told: unknown;
}

const CLOSED = expect.objectContaining({ code: 'ERR_CLOSED' });

/** The common contract of all sources that have to be closed. */
export function describeSource<S extends Source>(name: string, subject: Subject<S>): void {
  const { open, trigger, nothing, one, told } = subject;
  /** Resolves when it is readable, without taking anything. */
  const triggered = async (source: S): Promise<void> => {
    trigger(source);
    await readable(source);
  };

  describe(name, () => {
    test('waits until there is something to take', async () => {
      using source = open();
      const waiting = source.wait();
      expect(await afterTurns(waiting)).toBe(PENDING);
      trigger(source);
      expect(await waiting).toEqual(told);
      expect(source.tryTake()).toEqual(nothing);
    });

    test('tells at once of what is there', async () => {
      using source = open();
      await triggered(source);
      expect(await source.wait()).toEqual(told);
      expect(await afterTurns(source.wait().catch(() => 'closed'))).toBe(PENDING);
    });

    test('is taken from without waiting', async () => {
      using source = open();
      expect(source.tryTake()).toEqual(nothing);
      await triggered(source);
      expect(source.tryTake()).toEqual(one);
      expect(source.tryTake()).toEqual(nothing);
    });

    test('tells all who wait the same, and nobody twice', async () => {
      using source = open();
      const waiting = [source.wait(), source.wait(), source.wait()];
      trigger(source);
      expect(await Promise.all(waiting)).toEqual([told, told, told]);
      const again = source.wait();
      expect(await afterTurns(again)).toBe(PENDING);
      trigger(source);
      expect(await again).toEqual(told);
    });

    test('does not tell who waits of what was taken without waiting', async () => {
      using source = open();
      const waiting = source.wait();
      // Continues before the wait does, and takes what has woken it.
      const first = readable(source).then(() => source.tryTake());
      const thief = reactor.readable(source).then(() => source.tryTake());
      trigger(source);
      const answers = await Promise.all([first, thief, afterTurns(waiting)]);
      expect(answers.filter((answer) => answer === one)).toHaveLength(1);
      trigger(source);
      expect(await waiting).toEqual(told);
    });

    test('is iterated until it is closed', async () => {
      using source = open();
      const taken: unknown[] = [];
      const iteration = (async () => {
        for await (const what of source) {
          taken.push(what);
          if (taken.length === 3) source.close();
          else trigger(source);
        }
      })();
      trigger(source);
      await iteration;
      expect(taken).toEqual([told, told, told]);
    });

    test('ends an iteration that waits when it is closed', async () => {
      const source = open();
      const next = source[Symbol.asyncIterator]().next();
      expect(await afterTurns(next)).toBe(PENDING);
      source.close();
      expect(await next).toEqual({ done: true, value: undefined });
    });

    test('ends an iteration that waits when it is left, which takes nothing', async () => {
      using source = open();
      const iterator = source[Symbol.asyncIterator]();
      const next = iterator.next();
      expect(await afterTurns(next)).toBe(PENDING);
      expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
      expect(await next).toEqual({ done: true, value: undefined });
      await triggered(source);
      expect(source.tryTake()).toEqual(one);
    });

    describe('aborted', () => {
      test('before it waits, rejects with the reason', async () => {
        using source = open();
        const reason = new Error('not now');
        await triggered(source);
        await expect(source.wait({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
        expect(source.tryTake()).toEqual(one);
      });

      test('while it waits, rejects with the reason, and leaves the others alone', async () => {
        using source = open();
        const controller = new AbortController();
        const aborted = source.wait({ signal: controller.signal });
        const other = source.wait();
        const reason = new Error('enough');
        controller.abort(reason);
        await expect(aborted).rejects.toBe(reason);
        trigger(source);
        expect(await other).toEqual(told);
      });

      test('leaves nothing armed', async () => {
        using source = open();
        const before = reactor.statistics();
        const controller = new AbortController();
        const waiting = source.wait({ signal: controller.signal });
        controller.abort();
        await expect(waiting).rejects.toThrow(controller.signal.reason as Error);
        expect(reactor.statistics()).toEqual(before);
      });

      test('after it was woken and before it has taken anything, loses nothing', async () => {
        using source = open();
        const controller = new AbortController();
        const first = readable(source).then(() => {
          controller.abort();
        });
        const waiting = source.wait({ signal: controller.signal });
        trigger(source);
        await first;
        await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
        expect(source.tryTake()).toEqual(one);
      });

      test('after it was told, has no effect', async () => {
        using source = open();
        const controller = new AbortController();
        const waiting = source.wait({ signal: controller.signal });
        trigger(source);
        expect(await waiting).toEqual(told);
        controller.abort();
        const again = source.wait();
        trigger(source);
        expect(await again).toEqual(told);
      });
    });

    describe('closed', () => {
      test('says so, whatever is asked of it', async () => {
        const source = open();
        const { fd } = source;
        expect(source.closed).toBe(false);
        source.close();
        expect(isOpen(fd)).toBe(false);
        expect(source).toMatchObject({ fd: -1, closed: true });
        expect(() => source.tryTake()).toThrow(CLOSED);
        await expect(source.wait()).rejects.toThrow(CLOSED);
        await expect(readable(source)).rejects.toThrow(CLOSED);
        expect(source.ref()).toBe(source);
        expect(source.unref()).toBe(source);
        const rest: unknown[] = [];
        for await (const what of source) rest.push(what);
        expect(rest).toEqual([]);
      });

      test('again closes nobody else’s descriptor', () => {
        const source = open();
        const { fd } = source;
        const [reader] = pipe();
        source.close();
        owned([takeNumber(reader, fd)]);
        source.close();
        source[Symbol.dispose]();
        expect(isOpen(fd)).toBe(true);
      });

      test('while somebody waits, rejects', async () => {
        const source = open();
        const waiting = [source.wait(), source.wait(), readable(source)];
        source.close();
        for (const one of waiting) await expect(one).rejects.toThrow(CLOSED);
      });

      test('after it was woken and before it has taken anything, rejects', async () => {
        const source = open();
        const first = readable(source).then(() => {
          source.close();
        });
        const waiting = source.wait();
        trigger(source);
        await first;
        await expect(waiting).rejects.toThrow(CLOSED);
      });
    });

    test('is a descriptor that anything waits for', async () => {
      using source = open();
      using poller = new Poller();
      poller.add(source, READABLE);
      expect(poller.wait({ timeout: 0 })).toEqual([]);
      trigger(source);
      expect(poller.wait()).toMatchObject([{ source, readable: true }]);
      await new Promise<void>((resolve) => {
        const registration = register(source, READABLE, () => {
          registration.close();
          resolve();
        });
      });
      expect(source.tryTake()).toEqual(one);
    });

    test.runIf(native.backend === 'epoll')('may be in an epoll instance', async () => {
      using source = open();
      using epoll = new Epoll();
      epoll.add(source, EPOLLIN);
      trigger(source);
      expect(await epoll.ready()).toEqual([{ events: EPOLLIN, data: source.fd }]);
      expect(descriptors.flags(source.fd)).toEqual({ nonBlocking: true, closeOnExec: true });
    });

    test('rejects what is no signal, and no options', async () => {
      using source = open();
      for (const wrong of [null, 1, 'x', { signal: 1 }, { signal: {} }]) {
        await expect(source.wait(wrong as never)).rejects.toMatchObject({
          code: 'ERR_INVALID_ARG_TYPE',
        });
      }
      expect(await afterTurns(source.wait().catch(() => 'closed'))).toBe(PENDING);
    });

    test('has waits that are counted whenever it is referenced or not', async () => {
      using source = open();
      const before = reactor.statistics().waiting;
      source.unref();
      const waiting = source.wait();
      source.ref();
      source.ref();
      const second = source.wait();
      source.unref();
      trigger(source);
      await Promise.all([waiting, second]);
      source.ref();
      expect(reactor.statistics().waiting).toBe(before);
    });
  });
}
