import { writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Backend, type Mode, Poller, READABLE, WRITABLE } from '../../lib/index';
import { close, descriptors, owned, pipe } from '../support/descriptors';
import { eventOf, isAvailable, NOW, type Subject } from './subject';

const OUT_OF_RANGE = expect.objectContaining({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
const INVALID_TYPE = expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
const INVALID_VALUE = expect.objectContaining({
  name: 'TypeError',
  code: 'ERR_INVALID_ARG_VALUE',
});
const CLOSED = expect.objectContaining({ code: 'ERR_CLOSED' });

/** Errors of the caller, which are thrown before any system call, and have no effect. */
export function describeMisuse({ backend, newPoller }: Subject): void {
  describe('arguments', () => {
    test.each([
      ['interest', 0, OUT_OF_RANGE],
      ['interest', 8, OUT_OF_RANGE],
      ['interest', 1.5, OUT_OF_RANGE],
      ['interest', NaN, OUT_OF_RANGE],
      ['interest', '1', INVALID_TYPE],
      ['interest', undefined, INVALID_TYPE],
      ['source', -1, OUT_OF_RANGE],
      ['source', 2 ** 31, OUT_OF_RANGE],
      ['source', 0.5, OUT_OF_RANGE],
      ['source', '0', INVALID_TYPE],
      ['source', null, INVALID_TYPE],
      ['source', {}, INVALID_TYPE],
      ['source', { fd: '0' }, INVALID_TYPE],
      ['source', { fd: -2 }, OUT_OF_RANGE],
      ['source', { fd: -1 }, CLOSED],
      ['mode', 'always', INVALID_VALUE],
      ['mode', 1, INVALID_VALUE],
      ['options', 1, INVALID_TYPE],
      ['options', null, INVALID_TYPE],
    ])('%s %o is refused by `add` and `modify`, whose effect it has not', (name, value, error) => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      const source = (name === 'source' ? value : reader) as number;
      const interest = (name === 'interest' ? value : READABLE) as number;
      const o = name === 'options' ? value : { mode: name === 'mode' ? value : 'level' };
      const call = (method: 'add' | 'modify') => () => {
        poller[method](source, interest, o as { mode: Mode });
      };
      expect(call('add')).toThrow(error);
      poller.add(reader, READABLE, { token: 'kept' });
      expect(call('modify')).toThrow(error);
      writeSync(writer, 'x');
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true, token: 'kept' })]);
    });

    test.each([
      [{ timeout: -2 }, OUT_OF_RANGE],
      [{ timeout: NaN }, OUT_OF_RANGE],
      [{ timeout: '1' }, INVALID_TYPE],
      [{ timeout: null }, INVALID_TYPE],
      [{ signal: AbortSignal.timeout(1) }, INVALID_VALUE],
      [{ timeout: 0, maxEvents: 0 }, OUT_OF_RANGE],
      [{ timeout: 0, maxEvents: 1.5 }, OUT_OF_RANGE],
      [{ timeout: 0, maxEvents: '1' }, INVALID_TYPE],
      ['1', INVALID_TYPE],
    ])('%o are no options of `wait`', (o, error) => {
      using poller = newPoller();
      expect(() => poller.wait(o as { timeout: number })).toThrow(error);
    });

    test.each([[{ signal: 'x' }], [{ signal: {} }], [{ signal: null }], [1]])(
      '%o are no options of `ready`',
      async (o) => {
        using poller = newPoller();
        await expect(poller.ready(o as { signal: AbortSignal })).rejects.toThrow(INVALID_TYPE);
      },
    );

    test('are checked before the descriptor is', () => {
      using poller = newPoller();
      const [reader] = pipe();
      close(reader);
      expect(() => {
        poller.add(reader, 0);
      }).toThrow(OUT_OF_RANGE);
      expect(() => {
        poller.add(reader, READABLE);
      }).toThrow(expect.objectContaining({ code: 'EBADF' }));
    });
  });

  describe('an error of the kernel', () => {
    test("has Node's own shape, and its stack begins at the call", () => {
      using poller = newPoller();
      const [reader] = pipe();
      close(reader);
      let caught: unknown;
      try {
        poller.add(reader, READABLE);
      } catch (error) {
        caught = error;
      }
      const { syscall } = caught as { syscall: string };
      expect(caught).toMatchObject({
        name: 'Error',
        message: `EBADF: bad file descriptor, ${syscall}`,
        code: 'EBADF',
        errno: -9,
        fd: reader,
      });
      const [, first] = (caught as Error).stack?.split('\n') ?? [];
      expect(first).toContain(__filename);
    });
  });

  describe('a poller that is closed', () => {
    test('says so, whatever is asked of it', async () => {
      const poller = newPoller();
      const [reader] = pipe();
      poller.add(reader, READABLE);
      poller.close();
      expect(poller).toMatchObject({ closed: true, fd: -1, backend });
      const calls = [
        () => {
          poller.add(reader, READABLE);
        },
        () => {
          poller.modify(reader, READABLE);
        },
        () => {
          poller.delete(reader);
        },
        () => poller.wait(NOW),
        () => {
          poller.notify();
        },
        () => poller.notifyHandle,
      ];
      for (const call of calls) expect(call).toThrow(CLOSED);
      await expect(poller.ready()).rejects.toThrow(CLOSED);
      expect(poller.ref().unref()).toBe(poller);
    });

    test('may be closed again, and leaves the descriptors open', () => {
      const poller = newPoller();
      const [reader] = pipe();
      poller.add(reader, READABLE);
      poller.close();
      poller.close();
      poller[Symbol.dispose]();
      expect(descriptors.flags(reader).nonBlocking).toBe(true);
    });
  });

  describe('a new poller', () => {
    test('is open, and of the backend that was asked for', () => {
      using poller = newPoller();
      expect(poller).toMatchObject({ closed: false, backend });
    });

    test('has a descriptor, which is close-on-exec, where one stands for all', () => {
      using poller = newPoller();
      const { fd } = poller;
      const flags = fd === -1 ? 'none' : descriptors.flags(fd).closeOnExec;
      expect(flags).toBe(backend === 'epoll' || backend === 'kqueue' ? true : 'none');
    });

    test('is refused for a backend that this system does not have', () => {
      const missing = (['epoll', 'kqueue'] as const).filter((name) => !isAvailable(name));
      for (const name of missing) {
        expect(() => new Poller({ backend: name })).toThrow(
          expect.objectContaining({
            code: 'ERR_UNSUPPORTED_PLATFORM',
            message: `${name} is not available on ${process.platform}`,
          }),
        );
      }
      expect(missing).toHaveLength(1);
    });

    test.each(['select2', '', null, 1])('is refused for the backend %o', (name) => {
      expect(() => new Poller({ backend: name as Backend })).toThrow(INVALID_VALUE);
    });
  });

  describe.runIf(backend === 'select')('select', () => {
    test('refuses a descriptor that no set can hold, with a clear error', () => {
      using poller = newPoller();
      const [reader] = pipe();
      const [high] = owned([descriptors.dupAbove(reader, 1024)]);
      expect(() => {
        poller.add(high, READABLE);
      }).toThrow(
        expect.objectContaining({
          code: 'ERR_OUT_OF_RANGE',
          message: expect.stringContaining('FD_SETSIZE'),
        }),
      );
      expect(() => {
        poller.delete(high);
      }).toThrow(expect.objectContaining({ code: 'ENOENT' }));
      expect(poller.wait(NOW)).toEqual([]);
    });
  });

  describe.runIf(backend !== 'select')('any other backend', () => {
    test('takes a descriptor of any number', () => {
      using poller = newPoller();
      const [, writer] = pipe();
      const [high] = owned([descriptors.dupAbove(writer, 1024)]);
      poller.add(high, WRITABLE);
      expect(poller.wait(NOW)).toEqual([expect.objectContaining({ source: high })]);
    });
  });
}
