import { readSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EV_ADD, EV_CLEAR, EVFILT_READ, EVFILT_WRITE, Kqueue } from '../../lib/kqueue';
import { inChild } from '../support/child';
import { close, descriptors, isOpen, owned, pipe, takeNumber } from '../support/descriptors';
import { hasKqueue, isEmulated } from '../support/kqueue/kernel';
import { afterTurns, PENDING } from '../support/turns';

const NOW = { timeout: 0 };
const CLOSED = expect.objectContaining({ code: 'ERR_CLOSED' });

describe.runIf(!hasKqueue)('where there is no kqueue', () => {
  test('constructing throws, importing does not', () => {
    const refused = expect.objectContaining({
      code: 'ERR_UNSUPPORTED_PLATFORM',
      message: `kqueue is not available on ${process.platform}`,
    });
    expect(() => new Kqueue()).toThrow(refused);
    expect(() => Kqueue.fromFd(0)).toThrow(refused);
  });
});

describe.runIf(hasKqueue)('a kqueue', () => {
  test('has a descriptor of its own, close-on-exec', () => {
    using kqueue = new Kqueue();
    expect(isOpen(kqueue.fd)).toBe(true);
    expect(descriptors.flags(kqueue.fd).closeOnExec).toBe(true);
    expect(kqueue.closed).toBe(false);
  });

  test('is independent of any other', () => {
    const [reader, writer] = pipe();
    const instances = Array.from({ length: 20 }, () => new Kqueue());
    instances.forEach((kqueue, udata) => {
      kqueue.kevent([{ ident: reader, filter: EVFILT_READ, udata }], NOW);
    });
    writeSync(writer, 'x');
    instances.forEach((kqueue, udata) => {
      expect(kqueue.kevent([], NOW)).toMatchObject([{ udata }]);
      kqueue.close();
    });
    expect(new Set(instances.map(({ fd }) => fd))).toEqual(new Set([-1]));
  });

  test('that is closed says so, whatever is asked of it', async () => {
    const kqueue = new Kqueue();
    const { fd } = kqueue;
    kqueue.close();
    expect(isOpen(fd)).toBe(false);
    expect(kqueue).toMatchObject({ fd: -1, closed: true });
    expect(() => kqueue.kevent([], NOW)).toThrow(CLOSED);
    await expect(kqueue.ready()).rejects.toThrow(CLOSED);
    expect(kqueue.unref().ref()).toBe(kqueue);
  });

  test('may be closed again, which closes nobody else’s descriptor', () => {
    const kqueue = new Kqueue();
    const { fd } = kqueue;
    const [reader] = pipe();
    kqueue.close();
    owned([takeNumber(reader, fd)]);
    kqueue.close();
    kqueue[Symbol.dispose]();
    expect(isOpen(fd)).toBe(true);
  });

  test('resolves `ready` at once with what is ready already', async () => {
    using kqueue = new Kqueue();
    const [, writer] = pipe();
    kqueue.kevent([{ ident: writer, filter: EVFILT_WRITE, udata: 3 }], NOW);
    expect(await kqueue.ready({ maxEvents: 1 })).toMatchObject([{ ident: writer, udata: 3 }]);
  });

  test.each([
    [{ maxEvents: 0 }, 'ERR_OUT_OF_RANGE'],
    [{ maxEvents: '1' }, 'ERR_INVALID_ARG_TYPE'],
    [{ signal: 1 }, 'ERR_INVALID_ARG_TYPE'],
    [5, 'ERR_INVALID_ARG_TYPE'],
  ])('does not take %o for `ready`', async (o, code) => {
    using kqueue = new Kqueue();
    await expect(kqueue.ready(o as { maxEvents: number })).rejects.toMatchObject({ code });
  });
});

describe.runIf(hasKqueue)('what is added to a kqueue', () => {
  test('is not collected until its last filter is deleted', async () => {
    const { code, stderr, result } = await inChild(
      async ({ kqueue: { Kqueue, EV_ADD, EV_DELETE, EVFILT_READ, EVFILT_WRITE }, ...tools }) => {
        const { descriptors, collect } = tools;
        const kqueue = new Kqueue();
        const [end] = descriptors.socketPair(true);
        const add = (source: { fd: number }): WeakRef<object> => {
          const filters = [EVFILT_READ, EVFILT_WRITE];
          kqueue.kevent(
            filters.map((filter) => ({ ident: source, filter, flags: EV_ADD })),
            { timeout: 0 },
          );
          return new WeakRef(source);
        };
        const held = add({ fd: end });
        const there: boolean[] = [];
        for (const filter of [undefined, EVFILT_WRITE, EVFILT_READ]) {
          if (filter !== undefined) {
            kqueue.kevent([{ ident: end, filter, flags: EV_DELETE }], { timeout: 0 });
          }
          await collect();
          there.push(held.deref() !== undefined);
        }
        return there;
      },
      { flags: ['--expose-gc'] },
    );
    expect({ code, stderr, result }).toEqual({ code: 0, stderr: '', result: [true, true, false] });
  });
});

describe.runIf(hasKqueue)('Kqueue.fromFd', () => {
  test.each([
    [-1, 'ERR_OUT_OF_RANGE'],
    [1.5, 'ERR_OUT_OF_RANGE'],
    ['3', 'ERR_INVALID_ARG_TYPE'],
  ])('refuses %o', (fd, code) => {
    expect(() => Kqueue.fromFd(fd as number)).toThrow(expect.objectContaining({ code }));
  });

  test('refuses the descriptor of another handle, which would be closed twice', () => {
    using kqueue = new Kqueue();
    expect(() => Kqueue.fromFd(kqueue.fd)).toThrow(expect.objectContaining({ code: 'ERR_BUSY' }));
  });
});

// libkqueue identifies kqueues by their number, fails with ENOENT for any other, and their descriptors are never
// readable.
describe.runIf(hasKqueue && !isEmulated)('a kqueue of a kernel', () => {
  test('is taken over by a duplicate of its descriptor: filters, close-on-exec, and closing', () => {
    using original = new Kqueue();
    const [, writer] = pipe();
    original.kevent([{ ident: writer, filter: EVFILT_WRITE, udata: 5 }], NOW);
    const duplicate = descriptors.dup2(original.fd, descriptors.dup(original.fd));
    expect(descriptors.flags(duplicate).closeOnExec).toBe(false);
    const adopted = Kqueue.fromFd(duplicate);
    expect(descriptors.flags(duplicate).closeOnExec).toBe(true);
    expect(adopted.kevent([], NOW)).toMatchObject([{ ident: writer, udata: 5 }]);
    adopted.close();
    expect(isOpen(duplicate)).toBe(false);
    expect(original.kevent([], NOW)).toHaveLength(1);
  });

  test('cannot be made of any other descriptor (EBADF), which stays open', () => {
    const [reader] = pipe();
    expect(() => Kqueue.fromFd(reader)).toThrow(
      expect.objectContaining({ code: 'EBADF', syscall: 'kevent', fd: reader }),
    );
    expect(isOpen(reader)).toBe(true);
  });

  test('resolves `ready` when something becomes ready, and not before', async () => {
    using kqueue = new Kqueue();
    const [reader, writer] = pipe();
    kqueue.kevent([{ ident: reader, filter: EVFILT_READ }], NOW);
    for (let i = 0; i < 3; i++) {
      const waiting = kqueue.ready();
      expect(await afterTurns(waiting)).toBe(PENDING);
      writeSync(writer, 'x');
      expect(await waiting).toMatchObject([{ ident: reader, data: 1 }]);
      readSync(reader, Buffer.alloc(1));
    }
  });

  test('rejects `ready` with the reason of the signal, and keeps the event for the next', async () => {
    using kqueue = new Kqueue();
    const [reader, writer] = pipe();
    kqueue.kevent([{ ident: reader, filter: EVFILT_READ, flags: EV_ADD | EV_CLEAR }], NOW);
    const controller = new AbortController();
    const reason = new Error('no more');
    const aborted = kqueue.ready({ signal: controller.signal });
    writeSync(writer, 'x');
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    expect(await kqueue.ready()).toMatchObject([{ ident: reader }]);
  });

  test('rejects everybody who waits with ERR_CLOSED when it is closed', async () => {
    const kqueue = new Kqueue();
    const [reader] = pipe();
    kqueue.kevent([{ ident: reader, filter: EVFILT_READ }], NOW);
    const waiting = [kqueue.ready(), kqueue.ready()];
    expect(await afterTurns(Promise.race(waiting))).toBe(PENDING);
    kqueue.close();
    for (const promise of waiting) await expect(promise).rejects.toThrow(CLOSED);
  });

  test('goes on after a descriptor that it watches was closed', async () => {
    using kqueue = new Kqueue();
    const [gone] = pipe();
    const [reader, writer] = pipe();
    const idents = [gone, reader];
    kqueue.kevent(
      idents.map((ident) => ({ ident, filter: EVFILT_READ })),
      NOW,
    );
    const waiting = kqueue.ready();
    close(gone);
    expect(await afterTurns(waiting)).toBe(PENDING);
    writeSync(writer, 'x');
    expect(await waiting).toMatchObject([{ ident: reader }]);
  });
});
