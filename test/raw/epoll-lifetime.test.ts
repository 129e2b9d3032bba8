import { writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Epoll, EPOLLIN, EPOLLOUT } from '../../lib/epoll';
import { Reactor } from '../../lib/index';
import { native } from '../../lib/native';
import { inChild, type Tools } from '../support/child';
import {
  close,
  descriptors,
  dup,
  isOpen,
  openDescriptors,
  owned,
  pipe,
  takeNumber,
} from '../support/descriptors';

const NOW = { timeout: 0 };
const CLOSED = expect.objectContaining({ code: 'ERR_CLOSED' });

/** In a child: creates instances that become unreachable, and counts descriptors. */
async function abandon({ epoll, descriptors, openDescriptors, collect, fs }: Tools) {
  const [reader, writer] = descriptors.pipe();
  fs.writeSync(writer, 'x');
  const used = async (): Promise<void> => {
    const instance = new epoll.Epoll();
    instance.add(reader, epoll.EPOLLIN);
    await instance.ready();
  };
  await used();
  await collect();
  const before = openDescriptors();
  for (let i = 0; i < 20; i++) {
    new epoll.Epoll();
    await used();
  }
  const open = openDescriptors();
  for (let turn = 0; turn < 50 && openDescriptors() > before; turn++) await collect();
  return { opened: open - before, left: openDescriptors() - before };
}

/** In a child: an instance that only a pending promise refers to is still waited for. */
async function collectWhileWaiting({ epoll, descriptors, collect, fs }: Tools) {
  const [reader, writer] = descriptors.pipe();
  const waiting = (() => {
    const instance = new epoll.Epoll();
    instance.add(reader, epoll.EPOLLIN, 1);
    return instance.ready();
  })();
  await collect();
  fs.writeSync(writer, 'x');
  return await waiting;
}

/** In a child: objects that only the instance refers to, to which they were added. */
async function addWhatNobodyHas({ iomux, epoll, descriptors, collect }: Tools) {
  const instance = new epoll.Epoll();
  const [reader] = descriptors.pipe();
  const add = (source: { fd: number }): WeakRef<object> => {
    instance.add(source, epoll.EPOLLIN, source.fd === reader ? 1 : 2);
    return new WeakRef(source);
  };
  const held = add({ fd: reader });
  add(new iomux.Timer({ after: 100 }));
  const waiting = instance.ready();
  for (let i = 0; i < 5; i++) await collect();
  const events = await waiting;
  const until = { added: held.deref() !== undefined, deleted: true };
  instance.delete(reader);
  await collect();
  until.deleted = held.deref() === undefined;
  return { events, until };
}

/** In a child: an object whose descriptor another file takes over, which is added by its number. */
async function addItsNumberAgain({ epoll, descriptors, collect }: Tools) {
  const instance = new epoll.Epoll();
  const [reader, writer] = descriptors.pipe();
  const stale = (() => {
    const source = { fd: reader };
    instance.add(source, epoll.EPOLLIN);
    return new WeakRef(source);
  })();
  descriptors.dup2(writer, reader);
  instance.add(reader, epoll.EPOLLOUT);
  for (let i = 0; i < 5; i++) await collect();
  return { collected: stale.deref() === undefined, events: instance.wait({ timeout: 0 }).length };
}

describe.runIf(native.backend === 'epoll')('an epoll instance', () => {
  test('has a descriptor of its own, close-on-exec', () => {
    using epoll = new Epoll();
    expect(isOpen(epoll.fd)).toBe(true);
    expect(descriptors.flags(epoll.fd).closeOnExec).toBe(true);
    expect(epoll.closed).toBe(false);
  });

  test('is independent of any other', () => {
    const [reader, writer] = pipe();
    const instances = Array.from({ length: 100 }, () => new Epoll());
    instances.forEach((epoll, i) => {
      epoll.add(reader, EPOLLIN, i);
    });
    writeSync(writer, 'x');
    instances.forEach((epoll, i) => {
      expect(epoll.wait(NOW)).toEqual([{ events: EPOLLIN, data: i }]);
      epoll.close();
    });
    expect(new Set(instances.map(({ fd }) => fd))).toEqual(new Set([-1]));
  });

  test('that is closed says so, whatever is asked of it', async () => {
    const epoll = new Epoll();
    const [reader] = pipe();
    epoll.add(reader, EPOLLIN);
    const { fd } = epoll;
    epoll.close();
    expect(isOpen(fd)).toBe(false);
    expect(epoll).toMatchObject({ fd: -1, closed: true });
    for (const method of ['add', 'modify', 'delete'] as const) {
      expect(() => {
        epoll[method](reader, EPOLLIN);
      }).toThrow(CLOSED);
    }
    expect(() => epoll.wait(NOW)).toThrow(CLOSED);
    await expect(epoll.ready()).rejects.toThrow(CLOSED);
    expect(epoll.unref().ref()).toBe(epoll);
  });

  test('may be closed again, which closes nobody else’s descriptor', () => {
    const epoll = new Epoll();
    const { fd } = epoll;
    const [reader] = pipe();
    epoll.close();
    owned([takeNumber(reader, fd)]);
    epoll.close();
    epoll[Symbol.dispose]();
    expect(isOpen(fd)).toBe(true);
  });

  test('that somebody else has closed is closed by the wait that sees it, and leaves the number alone', async () => {
    const [reader] = pipe();
    const epoll = new Epoll();
    const { fd } = epoll;
    const waiting = epoll.ready();
    owned([descriptors.dup2(reader, fd)]);
    expect(() => epoll.wait(NOW)).toThrow(expect.objectContaining({ code: 'EINVAL', fd }));
    await expect(waiting).rejects.toThrow(CLOSED);
    expect(epoll).toMatchObject({ fd: -1, closed: true });
    epoll.close();
    expect(isOpen(fd)).toBe(true);
  });

  test('that is collected without having been closed closes its descriptor', async () => {
    const { code, stderr, result } = await inChild(abandon, { flags: ['--expose-gc'] });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(result).toEqual({ opened: 40, left: 0 });
  });

  test('is not collected while `ready` waits', async () => {
    const { code, result } = await inChild(collectWhileWaiting, { flags: ['--expose-gc'] });
    expect(code).toBe(0);
    expect(result).toEqual([{ events: EPOLLIN, data: 1 }]);
  });

  test('keeps what was added to it from being collected, until it is deleted', async () => {
    const { code, stderr, result } = await inChild(addWhatNobodyHas, { flags: ['--expose-gc'] });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const events = [{ events: EPOLLIN, data: 2 }];
    expect(result).toEqual({ events, until: { added: true, deleted: true } });
  });

  test('keeps it no longer when another file is added under its number', async () => {
    const { code, stderr, result } = await inChild(addItsNumberAgain, { flags: ['--expose-gc'] });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(result).toEqual({ collected: true, events: 1 });
  });
});

describe.runIf(native.backend === 'epoll')('fromFd', () => {
  test('refuses the descriptor of another handle, which would be closed twice', async () => {
    using epoll = new Epoll();
    using reactor = new Reactor();
    const [, writer] = pipe();
    await reactor.writable(writer);
    for (const { fd } of [epoll, reactor]) {
      expect(() => Epoll.fromFd(fd)).toThrow(expect.objectContaining({ code: 'ERR_BUSY' }));
    }
  });

  test('takes over a descriptor of an instance: registrations, close-on-exec, and closing', () => {
    using original = new Epoll();
    const [, writer] = pipe();
    original.add(writer, EPOLLOUT, 5);
    const duplicate = descriptors.dup2(original.fd, descriptors.dup(original.fd));
    expect(descriptors.flags(duplicate).closeOnExec).toBe(false);
    const adopted = Epoll.fromFd(duplicate);
    expect(adopted.fd).toBe(duplicate);
    expect(descriptors.flags(duplicate).closeOnExec).toBe(true);
    expect(adopted.wait(NOW)).toEqual([{ events: EPOLLOUT, data: 5 }]);
    adopted.delete(writer);
    expect(original.wait(NOW)).toEqual([]);
    adopted.close();
    expect(isOpen(duplicate)).toBe(false);
  });

  test('refuses what is no epoll instance with EINVAL, and leaves it open', () => {
    const [reader] = pipe();
    expect(() => Epoll.fromFd(reader)).toThrow(
      expect.objectContaining({ code: 'EINVAL', fd: reader }),
    );
    expect(isOpen(reader)).toBe(true);
  });

  test('refuses a closed descriptor with EBADF', () => {
    const [reader] = pipe();
    close(reader);
    expect(() => Epoll.fromFd(reader)).toThrow(
      expect.objectContaining({ code: 'EBADF', fd: reader }),
    );
  });

  test.each([
    [-1, 'ERR_OUT_OF_RANGE'],
    [1.5, 'ERR_OUT_OF_RANGE'],
    [2 ** 31, 'ERR_OUT_OF_RANGE'],
    ['3', 'ERR_INVALID_ARG_TYPE'],
    [{ fd: 3 }, 'ERR_INVALID_ARG_TYPE'],
  ])('refuses %o', (fd, code) => {
    expect(() => Epoll.fromFd(fd as number)).toThrow(expect.objectContaining({ code }));
  });

  test('leaves an instance that it refused nothing to close', () => {
    const [reader] = pipe();
    const before = openDescriptors();
    expect(() => Epoll.fromFd(dup(reader))).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    expect(openDescriptors()).toHaveLength(before.length + 1);
  });
});

describe.runIf(native.backend !== 'epoll')('where there is no epoll', () => {
  test('constructing throws, importing does not', () => {
    const refused = expect.objectContaining({ code: 'ERR_UNSUPPORTED_PLATFORM' });
    expect(() => new Epoll()).toThrow(refused);
    expect(() => Epoll.fromFd(0)).toThrow(refused);
  });
});
