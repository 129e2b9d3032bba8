import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { READABLE, Waker, WRITABLE } from '../../lib/index';
import {
  close,
  descriptors,
  dup,
  owned,
  pipe,
  socketPair,
  takeNumber,
} from '../support/descriptors';
import { eventOf, NOW, type Subject } from './subject';

/** `add`, `modify` and `delete`, and the effect of closing a descriptor. */
export function describeRegistration({ backend, newPoller, edges, ghosts }: Subject): void {
  const syscall = { epoll: 'epoll_ctl', kqueue: 'kevent', poll: 'poll', select: 'select' }[backend];

  describe('a descriptor', () => {
    test('has one registration, which holds for both directions', () => {
      using poller = newPoller();
      const [socket] = socketPair();
      poller.add(socket, READABLE);
      expect(() => {
        poller.add(socket, WRITABLE);
      }).toThrow(expect.objectContaining({ code: 'EEXIST', syscall, fd: socket }));
      expect(poller.wait(NOW)).toEqual([]);
    });

    test('that is added twice keeps its first registration', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      poller.add(reader, READABLE, { token: 'first' });
      expect(() => {
        poller.add({ fd: reader }, READABLE, { token: 'second', mode: 'oneshot' });
      }).toThrow(expect.objectContaining({ code: 'EEXIST' }));
      writeSync(writer, 'x');
      for (let i = 0; i < 2; i++) {
        expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true, token: 'first' })]);
      }
    });

    test('and its duplicate are two registrations', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      const duplicate = dup(reader);
      poller.add(reader, READABLE, { token: 1 });
      poller.add(duplicate, READABLE, { token: 2 });
      writeSync(writer, 'x');
      expect(poller.wait(NOW)).toHaveLength(2);
      poller.delete(reader);
      expect(poller.wait(NOW)).toEqual([eventOf(duplicate, { readable: true, token: 2 })]);
    });

    test('in several pollers is reported by each of them', () => {
      using one = newPoller();
      using other = newPoller();
      const [reader, writer] = pipe();
      one.add(reader, READABLE, { token: 'one' });
      other.add(reader, READABLE, { token: 'other' });
      writeSync(writer, 'x');
      expect(one.wait(NOW)).toEqual([eventOf(reader, { readable: true, token: 'one' })]);
      one.delete(reader);
      expect(other.wait(NOW)).toEqual([eventOf(reader, { readable: true, token: 'other' })]);
    });

    test('of a handle that is closed is deleted by the handle', () => {
      using poller = newPoller();
      const handle = new Waker();
      const { fd } = handle;
      poller.add(handle, READABLE, { token: 'handle' });
      handle.close();
      const [reader] = pipe();
      if (reader !== fd) owned([takeNumber(reader, fd)]);
      poller.delete(handle);
      poller.add(fd, READABLE);
      poller.delete(handle);
      expect(() => {
        poller.add(fd, READABLE);
      }).toThrow(/^EEXIST/);
      using open = newPoller();
      expect(() => {
        const without = { fd: -1, closed: false };
        poller.add(open.fd === -1 ? open : without, READABLE);
      }).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
    });

    test('that is not added can be neither modified nor deleted', () => {
      using poller = newPoller();
      const [reader] = pipe();
      const refused = expect.objectContaining({ code: 'ENOENT', syscall, fd: reader });
      expect(() => {
        poller.modify(reader, READABLE);
      }).toThrow(refused);
      expect(() => {
        poller.delete(reader);
      }).toThrow(refused);
    });

    test('that is deleted is silent, unknown, and may be added again', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      writeSync(writer, 'x');
      poller.add(reader, READABLE, { token: 1 });
      poller.delete(reader);
      expect(poller.wait(NOW)).toEqual([]);
      expect(() => {
        poller.delete(reader);
      }).toThrow(expect.objectContaining({ code: 'ENOENT' }));
      poller.add(reader, READABLE, { token: 2 });
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true, token: 2 })]);
    });

    test('comes back as the source that it was added as, with its token', () => {
      using poller = newPoller();
      const [socket] = socketPair();
      const source = { fd: socket, name: 'a socket' };
      const token = Symbol('token');
      poller.add(source, WRITABLE, { token });
      const [event] = poller.wait(NOW);
      expect(event.source).toBe(source);
      expect(event.token).toBe(token);
      const other = { fd: socket };
      poller.modify(other, WRITABLE);
      const [next] = poller.wait(NOW);
      expect(next.source).toBe(other);
      expect(next.token).toBeUndefined();
    });

    test('stays as blocking as it was', () => {
      using poller = newPoller();
      const [terminal] = owned([openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY)]);
      expect(descriptors.flags(terminal).nonBlocking).toBe(false);
      poller.add(terminal, READABLE | WRITABLE);
      poller.wait(NOW);
      expect(descriptors.flags(terminal).nonBlocking).toBe(false);
    });

    test('is reported for what `modify` asks for, and no longer for what was asked before', () => {
      using poller = newPoller();
      const [socket, peer] = socketPair();
      writeSync(peer, 'x');
      poller.add(socket, READABLE);
      poller.modify(socket, WRITABLE);
      expect(poller.wait(NOW)).toEqual([eventOf(socket, { writable: true })]);
      poller.modify(socket, READABLE | WRITABLE);
      expect(poller.wait(NOW)).toEqual([eventOf(socket, { readable: true, writable: true })]);
      poller.modify(socket, READABLE);
      expect(poller.wait(NOW)).toEqual([eventOf(socket, { readable: true })]);
    });
  });

  describe('a descriptor that is closed', () => {
    test('cannot be added', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      close(reader);
      expect(() => {
        poller.add(reader, READABLE);
      }).toThrow(expect.objectContaining({ code: 'EBADF', fd: reader }));
      expect(() => {
        poller.delete(reader);
      }).toThrow(expect.objectContaining({ code: 'ENOENT' }));
      expect(writer).not.toBe(reader);
    });

    test('may be deleted afterwards, once', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      writeSync(writer, 'x');
      poller.add(reader, READABLE);
      close(reader);
      poller.delete(reader);
      expect(poller.wait(NOW)).toEqual([]);
      expect(() => {
        poller.delete(reader);
      }).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    });

    test('may be deleted when dup2 has made another file of its number', () => {
      using poller = newPoller();
      const [reader] = pipe();
      const [other, peer] = socketPair();
      poller.add(reader, READABLE, { token: 'old' });
      descriptors.dup2(other, reader);
      poller.delete(reader);
      writeSync(peer, 'x');
      expect(poller.wait(NOW)).toEqual([]);
      poller.add(reader, READABLE, { token: 'new' });
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true, token: 'new' })]);
    });

    test('may be deleted when a file that cannot be waited for has its number', () => {
      using poller = newPoller();
      const [reader] = pipe();
      const [file] = owned([openSync(__filename, 'r')]);
      poller.add(reader, READABLE);
      descriptors.dup2(file, reader);
      expect(() => {
        poller.add(reader, READABLE);
      }).toThrow(expect.objectContaining({ code: 'EPERM' }));
      poller.delete(reader);
      expect(poller.wait(NOW)).toEqual([]);
    });

    test('is forgotten by the next wait', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      const [living, peer] = pipe();
      writeSync(writer, 'x');
      writeSync(peer, 'x');
      poller.add(reader, READABLE);
      poller.add(living, READABLE);
      close(reader);
      expect(poller.wait(NOW)).toEqual([eventOf(living, { readable: true })]);
    });

    test('cannot be modified', () => {
      using poller = newPoller();
      const [reader] = pipe();
      poller.add(reader, READABLE);
      close(reader);
      expect(() => {
        poller.modify(reader, READABLE);
      }).toThrow(expect.objectContaining({ code: 'EBADF', fd: reader }));
    });
  });

  describe('a descriptor that a wait has found closed', () => {
    test('cannot be modified', () => {
      using poller = newPoller();
      const [reader] = pipe();
      poller.add(reader, READABLE);
      close(reader);
      expect(poller.wait(NOW)).toEqual([]);
      expect(() => {
        poller.modify(reader, READABLE);
      }).toThrow(expect.objectContaining({ code: 'EBADF', fd: reader }));
    });

    test('may be added again without deleting it when another file has its number', () => {
      using poller = newPoller();
      const [reader] = pipe();
      const [other, peer] = socketPair();
      poller.add(reader, READABLE, { token: 'old' });
      close(reader);
      expect(poller.wait(NOW)).toEqual([]);
      owned([takeNumber(other, reader)]);
      writeSync(peer, 'x');
      expect(poller.wait(NOW)).toEqual([]);
      poller.add(reader, READABLE, { token: 'new' });
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true, token: 'new' })]);
    });
  });

  // If the kernel does not keep the list, a descriptor is identified by its number only.
  describe.runIf(edges)('where the kernel keeps the list', () => {
    test('a number that another file has taken over may be added without deleting it', () => {
      using poller = newPoller();
      const [reader] = pipe();
      const [other, peer] = socketPair();
      poller.add(reader, READABLE, { token: 'old' });
      descriptors.dup2(other, reader);
      poller.add(reader, READABLE, { token: 'new' });
      writeSync(peer, 'x');
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true, token: 'new' })]);
    });

    test.runIf(ghosts)('so may one whose `oneshot` has been reported', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      const [other, peer] = socketPair();
      poller.add(reader, READABLE, { token: 'old', mode: 'oneshot' });
      writeSync(writer, 'x');
      expect(poller.wait(NOW)).toHaveLength(1);
      descriptors.dup2(other, reader);
      poller.add(reader, READABLE, { token: 'new' });
      writeSync(peer, 'x');
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true, token: 'new' })]);
    });

    test('so may one that was added as `oneshot`', () => {
      using poller = newPoller();
      const [reader] = pipe();
      const [other, peer] = socketPair();
      poller.add(reader, READABLE, { token: 'old', mode: 'oneshot' });
      descriptors.dup2(other, reader);
      poller.add(reader, READABLE, { token: 'new', mode: 'oneshot' });
      writeSync(peer, 'x');
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true, token: 'new' })]);
    });
  });

  describe.skipIf(edges)('where the kernel keeps no list', () => {
    test('a number that another file has taken over stays added, until it is deleted', () => {
      using poller = newPoller();
      const [reader] = pipe();
      const [other, peer] = socketPair();
      poller.add(reader, READABLE, { token: 'old' });
      descriptors.dup2(other, reader);
      writeSync(peer, 'x');
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true, token: 'old' })]);
      expect(() => {
        poller.add(reader, READABLE, { token: 'new' });
      }).toThrow(expect.objectContaining({ code: 'EEXIST' }));
      poller.delete(reader);
      poller.add(reader, READABLE, { token: 'new' });
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true, token: 'new' })]);
    });
  });

  describe('what cannot be waited for', () => {
    let folder: string;
    beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'iomux-'))));
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    test.each([
      ['a regular file', () => openSync(join(folder, 'file'), 'w+')],
      ['a directory', () => openSync(folder, 'r')],
    ])('%s is refused with EPERM and leaves no trace', (_, open) => {
      using poller = newPoller();
      const [fd] = owned([open()]);
      expect(() => {
        poller.add(fd, READABLE);
      }).toThrow(
        expect.objectContaining({ code: 'EPERM', syscall, errno: expect.any(Number), fd }),
      );
      expect(() => {
        poller.delete(fd);
      }).toThrow(expect.objectContaining({ code: 'ENOENT' }));
      expect(poller.wait(NOW)).toEqual([]);
      // Another file can be added under the number.
      const [reader, writer] = pipe();
      descriptors.dup2(reader, fd);
      writeSync(writer, 'x');
      poller.add(fd, READABLE);
      expect(poller.wait(NOW)).toEqual([eventOf(fd, { readable: true })]);
    });
  });

  describe.runIf(backend === 'kqueue' && process.platform === 'darwin')('on macOS', () => {
    test('a named FIFO is refused with EPERM: the exit of its last writer would not be seen', () => {
      const folder = mkdtempSync(join(tmpdir(), 'iomux-'));
      const name = join(folder, 'fifo');
      execFileSync('mkfifo', [name]);
      const fifo = openSync(name, 'r+');
      using poller = newPoller();
      expect(() => {
        poller.add(fifo, READABLE);
      }).toThrow(expect.objectContaining({ code: 'EPERM' }));
      closeSync(fifo);
      rmSync(folder, { recursive: true });
    });
  });
}
