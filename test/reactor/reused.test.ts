import { readlinkSync, writeSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { READABLE } from '../../lib/index';
import { close, descriptors, dup, isOpen, owned, pipe, socketPair } from '../support/descriptors';
import { isSettled, perTest, turn } from './turns';

const given = perTest();
const closed = { code: 'ERR_CLOSED' };

describe('a descriptor that is closed in the wake-up that told of it', () => {
  test('ends with ERR_CLOSED a wait that begins in that wake-up, every time', async () => {
    const { reactor } = given;
    for (let time = 0; time < 2; time++) {
      const [reader, writer] = pipe();
      writeSync(writer, 'x');
      await reactor.readable(reader);
      // This wait makes no system call, and the kernel will never report anything.
      close(reader);
      await expect(reactor.readable(reader)).rejects.toMatchObject(closed);
      expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0 });
    }
  });

  test('does so where the clock of the program is stopped', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const [reader, writer] = pipe();
    writeSync(writer, 'x');
    await given.reactor.readable(reader);
    close(reader);
    await expect(given.reactor.readable(reader)).rejects.toMatchObject(closed);
  });
});

describe('a descriptor whose number was another file’s for a while', () => {
  test('is waited for again, although its first registration could not be removed', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    const duplicate = dup(reader);
    const [other] = socketPair();
    const before = reactor.readable(reader);
    descriptors.dup2(other, reader);
    reactor.notifyClosing(reader);
    await expect(before).rejects.toMatchObject(closed);
    owned([descriptors.dup2(duplicate, reader)]);
    const waiting = reactor.readable(reader);
    expect(await isSettled(waiting)).toBe(false);
    writeSync(writer, 'x');
    await waiting;
  });
});

// The error of epoll_wait(2) for a descriptor that is not an epoll instance; not tried with kqueue.
test.runIf(process.platform === 'linux')(
  'a reactor whose own descriptor is another file by now tells everybody why, leaves that alone and goes on with another',
  async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    const [idle] = pipe();
    const fd = dup(reader);
    close(fd); // for the multiplexer, which is the next to be opened
    const waiting = [reactor.readable(reader), reactor.readable(idle)];
    expect(readlinkSync(`/proc/self/fd/${fd}`)).toContain('eventpoll');
    const registration = reactor.register(idle, READABLE, () => undefined);
    await turn(); // libuv has begun to watch it, and goes on hearing of it by the duplicate
    const duplicate = dup(fd);
    owned([descriptors.dup2(reader, fd)]);
    writeSync(writer, 'x');
    const why = { code: 'EINVAL', syscall: 'epoll_wait', fd };
    for (const answer of await Promise.allSettled(waiting)) {
      expect(answer).toMatchObject({ status: 'rejected', reason: why });
    }
    close(duplicate);
    expect(registration.closed).toBe(true);
    expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0, registrations: 0 });
    expect(isOpen(fd)).toBe(true);
    await reactor.readable(reader);
  },
);
