import { openSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Poller, READABLE } from '../../lib/index';
import { Epoll, EPOLLIN } from '../../lib/epoll';
import { close, owned, pipe, pty, socketPair, tcpPair } from '../support/descriptors';
import { delivered, isSettled, perTest } from './turns';

const given = perTest();

describe('descriptors of every kind', () => {
  const kinds: Record<string, () => { fd: number; makeReady: () => void }> = {
    'a pipe': () => {
      const [reader, writer] = pipe();
      return { fd: reader, makeReady: () => writeSync(writer, 'x') };
    },
    'a stream socket': () => {
      const [ours, theirs] = socketPair();
      return { fd: ours, makeReady: () => writeSync(theirs, 'x') };
    },
    'a datagram socket': () => {
      const [ours, theirs] = socketPair(false);
      return { fd: ours, makeReady: () => writeSync(theirs, 'x') };
    },
    'a TCP socket': () => {
      const [ours, theirs] = tcpPair();
      return { fd: ours, makeReady: () => writeSync(theirs, 'x') };
    },
    'the master of a pty': () => {
      const [master, slave] = pty();
      return { fd: master, makeReady: () => writeSync(slave, 'x') };
    },
    'the slave of a pty': () => {
      const [master, slave] = pty();
      return { fd: slave, makeReady: () => writeSync(master, 'a line\n') };
    },
  };

  test.each(Object.keys(kinds))('readable of %s waits until there is data', async (kind) => {
    const { fd, makeReady } = kinds[kind]();
    const waiting = given.reactor.readable(fd);
    expect(await isSettled(waiting)).toBe(false);
    makeReady();
    await waiting;
  });

  test('the slave of a pty learns that the master has gone', async () => {
    const [master, slave] = pty();
    const waiting = given.reactor.ready(slave, READABLE);
    close(master);
    expect(await waiting).toMatchObject({ readable: true, hangup: true });
  });

  test('a descriptor that counts (eventfd) is readable while it is not zero', async () => {
    const poller = new Poller();
    const waiting = given.reactor.readable(poller.notifyHandle);
    expect(await isSettled(waiting)).toBe(false);
    poller.notify();
    await waiting;
    given.reactor.notifyClosing(poller.notifyHandle);
    poller.close();
  });

  test('an epoll instance is readable while it has events', async () => {
    const epoll = new Epoll();
    const [reader, writer] = pipe();
    epoll.add(reader, EPOLLIN);
    const waiting = given.reactor.readable(epoll);
    expect(await isSettled(waiting)).toBe(false);
    writeSync(writer, 'x');
    await waiting;
    given.reactor.notifyClosing(epoll);
    epoll.close();
  });

  test('a file that is always ready is refused with EPERM, and leaves no trace', async () => {
    const { reactor } = given;
    const file = owned([openSync(__filename, 'r')])[0];
    const folder = owned([openSync(__dirname, 'r')])[0];
    for (const fd of [file, folder]) {
      const refused = { code: 'EPERM', syscall: 'epoll_ctl', fd };
      await expect(reactor.readable(fd)).rejects.toMatchObject(refused);
      expect(() => reactor.register(fd, READABLE, () => undefined)).toThrow(
        expect.objectContaining(refused),
      );
    }
    expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0, registrations: 0 });
  });

  test('a descriptor that is not open is refused with EBADF, whatever its number', async () => {
    const { reactor } = given;
    await delivered(reactor);
    const [reader] = pipe();
    close(reader);
    for (const fd of [reader, 1_000_000, 2 ** 31 - 1]) {
      await expect(reactor.readable(fd)).rejects.toMatchObject({ code: 'EBADF', fd });
    }
    expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0 });
  });

  test('a handle is waited for by its descriptor, and a closed one is ERR_CLOSED', async () => {
    const [reader, writer] = pipe();
    writeSync(writer, 'x');
    await given.reactor.readable({ fd: reader });
    await expect(given.reactor.readable({ fd: -1 })).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });
});
