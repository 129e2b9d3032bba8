import { AsyncLocalStorage } from 'node:async_hooks';
import { readSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Epoll } from '../../lib/compat/epoll';
import { native } from '../../lib/native';
import { inChild } from '../support/child';
import { close, descriptors, dup, pipe } from '../support/descriptors';

type Event = [error: Error | null, fd: number, events: number];

/** An Epoll whose events are queued until the test asks for them. */
class Told {
  readonly events: Event[] = [];
  #told = (): void => undefined;
  readonly epoll = new Epoll((...event) => {
    this.events.push(event);
    this.#told();
  });

  async next(): Promise<Event | undefined> {
    if (this.events.length === 0) await new Promise<void>((resolve) => (this.#told = resolve));
    return this.events.shift();
  }

  [Symbol.dispose](): void {
    if (!this.epoll.closed) this.epoll.close();
  }
}

/** The events after several turns, in which everything else that is ready has been reported. */
async function afterTurns(told: Told): Promise<Event[]> {
  using clock = new Told();
  const [, writer] = pipe();
  clock.epoll.add(writer, Epoll.EPOLLOUT);
  for (let turn = 0; turn < 10; turn++) await clock.next();
  return told.events.splice(0);
}

describe.runIf(native.backend === 'epoll')("what npm's epoll has not", () => {
  // The shared instance stays open: open it before descriptors are counted.
  const [reader, writer] = descriptors.pipe();
  new Epoll(() => undefined).add(reader, Epoll.EPOLLIN).close();
  descriptors.close(reader);
  descriptors.close(writer);

  test('errors have a code, and those of the system all that Node gives them', () => {
    using told = new Told();
    const { epoll } = told;
    expect(() => epoll.add(9999, Epoll.EPOLLIN)).toThrow(
      expect.objectContaining({ code: 'EBADF', errno: -9, syscall: 'epoll_ctl', fd: 9999 }),
    );
    const wrong = '0' as unknown as number;
    expect(() => epoll.add(wrong, 1)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }),
    );
    epoll.close();
    expect(() => epoll.add(0, 1)).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
    expect(() => new Epoll(undefined as unknown as () => void)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });

  test('the callback has the asynchronous context in which the Epoll was made', async () => {
    const storage = new AsyncLocalStorage<string>();
    const [, ours] = pipe();
    const store = await new Promise((resolve) => {
      const epoll = storage.run('made', () => {
        return new Epoll(() => {
          epoll.close();
          resolve(storage.getStore());
        });
      });
      storage.run('added', () => epoll.add(ours, Epoll.EPOLLOUT));
    });
    expect(store).toBe('made');
  });

  test('what was closed before is forgotten by the `remove` that finds out', async () => {
    const outcome = await inChild(({ descriptors }) => {
      const { Epoll } = require('iomux/compat/epoll') as typeof import('../../lib/compat/epoll');
      const epoll = new Epoll(() => undefined);
      const [a] = descriptors.pipe();
      const [b] = descriptors.pipe();
      for (const fd of [a, b]) {
        epoll.add(fd, Epoll.EPOLLIN);
        descriptors.close(fd);
      }
      try {
        epoll.remove(a);
      } catch (error) {
        return [(error as NodeJS.ErrnoException).code, epoll.close()];
      }
      return 'removed';
    });
    // With npm's `epoll` it keeps the process alive.
    expect(outcome).toMatchObject({ code: 0, late: false, result: ['EBADF', null] });
  });

  test.each(['modify', 'remove'] as const)(
    'what is a regular file’s number by now is forgotten by the `%s` that finds out',
    async (call) => {
      const outcome = await inChild(
        ({ descriptors, fs }, given) => {
          const { Epoll } =
            require('iomux/compat/epoll') as typeof import('../../lib/compat/epoll');
          const epoll = new Epoll(() => undefined);
          const [reader] = descriptors.pipe();
          epoll.add(reader, Epoll.EPOLLIN);
          descriptors.dup2(fs.openSync('package.json', 'r'), reader);
          try {
            epoll[given](reader, Epoll.EPOLLIN);
          } catch (error) {
            return (error as NodeJS.ErrnoException).code;
          }
          return 'done';
        },
        { argument: call },
      );
      expect(outcome).toMatchObject({ code: 0, late: false, result: 'EPERM' });
    },
  );

  test('a number that is used again is whose added it last', async () => {
    using before = new Told();
    using after = new Told();
    const [reader] = pipe();
    before.epoll.add(reader, Epoll.EPOLLIN);
    close(reader);
    const [again, writer] = pipe();
    expect(again).toBe(reader);
    after.epoll.add(again, Epoll.EPOLLIN);
    writeSync(writer, 'x');
    expect(await after.next()).toEqual([null, again, Epoll.EPOLLIN]);
    expect(before.events).toEqual([]);
  });

  test('a duplicate of what was closed is silenced, and costs nobody an event', async () => {
    using told = new Told();
    using others = new Told();
    const [reader, writer] = pipe();
    const [spent] = pipe();
    const [quiet, theirs] = pipe();
    others.epoll.add(quiet, Epoll.EPOLLIN);
    told.epoll.add(spent, Epoll.EPOLLOUT | Epoll.EPOLLIN | Epoll.EPOLLONESHOT);
    told.epoll.add(reader, Epoll.EPOLLIN);
    const duplicate = dup(reader);
    close(reader);
    expect(() => told.epoll.remove(reader)).toThrow('EBADF');
    writeSync(writer, 'x');
    expect(await afterTurns(told)).toEqual([]);
    // The other registrations continue.
    writeSync(theirs, 'x');
    expect(await others.next()).toEqual([null, quiet, Epoll.EPOLLIN]);
    readSync(quiet, Buffer.alloc(1));
    expect(() => told.epoll.remove(duplicate)).toThrow('ENOENT');
    told.epoll.remove(spent);
  });

  test('what EPOLLONESHOT has told stays silent when a duplicate is silenced', async () => {
    using told = new Told();
    const [reader, writer] = pipe();
    told.epoll.add(reader, Epoll.EPOLLIN | Epoll.EPOLLONESHOT);
    writeSync(writer, 'x');
    expect(await told.next()).toEqual([null, reader, Epoll.EPOLLIN]);
    const [, ghost] = pipe();
    told.epoll.add(ghost, Epoll.EPOLLOUT | Epoll.EPOLLET);
    expect(await told.next()).toEqual([null, ghost, Epoll.EPOLLOUT]);
    dup(ghost);
    close(ghost);
    expect(() => told.epoll.modify(ghost, Epoll.EPOLLOUT)).toThrow('EBADF');
    close(writer); // a hang-up of the one, which is disarmed
    expect(await afterTurns(told)).toEqual([]);
    told.epoll.modify(reader, Epoll.EPOLLIN | Epoll.EPOLLONESHOT);
    expect(await told.next()).toEqual([null, reader, Epoll.EPOLLIN | Epoll.EPOLLHUP]);
  });

  test('the callback is told when somebody closes the epoll instance, and adding begins anew', async () => {
    const outcome = await inChild(async ({ descriptors, fs }) => {
      const { Epoll } = require('iomux/compat/epoll') as typeof import('../../lib/compat/epoll');
      const isInstance = (fd: string): boolean => {
        try {
          return fs.readlinkSync(`/proc/self/fd/${fd}`).endsWith('[eventpoll]');
        } catch {
          return false; // the folder's own
        }
      };
      const instances = () => fs.readdirSync('/proc/self/fd').filter(isInstance).map(Number);
      const [reader, writer] = descriptors.pipe();
      const before = instances();
      let told = 0;
      const { code, syscall } = await new Promise<NodeJS.ErrnoException>((resolve) => {
        const epoll = new Epoll((error) => {
          told++;
          if (error !== null) resolve(error);
        });
        epoll.add(reader, Epoll.EPOLLIN);
        const [ours] = instances().filter((fd) => !before.includes(fd));
        setImmediate(() => {
          const duplicate = descriptors.dup(ours); // which libuv hears of
          descriptors.close(ours);
          fs.writeSync(writer, 'x');
          setImmediate(() => setImmediate(() => descriptors.close(duplicate)));
        });
      });
      const again = await new Promise((resolve) => {
        const epoll = new Epoll((error, fd) => {
          epoll.close();
          resolve([error, fd === reader]);
        });
        epoll.add(reader, Epoll.EPOLLIN);
      });
      return { code, syscall, told, again };
    });
    expect(outcome).toMatchObject({
      stderr: '',
      result: { code: 'EBADF', syscall: 'epoll_wait', told: 1, again: [null, true] },
    });
  });

  test('its instance is left alone when it was seen to be another file’s', async () => {
    const outcome = await inChild(({ descriptors, fs }) => {
      const { Epoll } = require('iomux/compat/epoll') as typeof import('../../lib/compat/epoll');
      const [reader, writer] = descriptors.pipe();
      // The next free number, twice.
      const instance = descriptors.dup(reader);
      fs.closeSync(instance);
      return new Promise((resolve) => {
        const epoll = new Epoll((error) => {
          const isOpen = fs.fstatSync(instance).isFIFO();
          epoll.close();
          resolve([error?.message, isOpen]);
        });
        epoll.add(reader, Epoll.EPOLLIN);
        fs.writeSync(writer, 'x');
        descriptors.dup2(reader, instance);
      });
    });
    const result = ['EINVAL: invalid argument, epoll_wait', true];
    expect(outcome).toMatchObject({ code: 0, stderr: '', result });
  });

  test('a process that has no descriptor left is told so, and goes on when it has one', async () => {
    const outcome = await inChild(({ descriptors, fs }) => {
      const { Epoll } = require('iomux/compat/epoll') as typeof import('../../lib/compat/epoll');
      const [, writer] = descriptors.pipe();
      const taken: number[] = [];
      descriptors.limitDescriptors(64);
      try {
        for (;;) taken.push(fs.openSync('/dev/null', 'r'));
      } catch {
        // The buffer is full.
      }
      return new Promise((resolve) => {
        const epoll = new Epoll((_, fd) => {
          epoll.close();
          resolve([refused, fd === writer]);
        });
        let refused: unknown;
        try {
          epoll.add(writer, Epoll.EPOLLOUT);
        } catch (error) {
          refused = (error as NodeJS.ErrnoException).code;
        }
        for (const fd of taken) fs.closeSync(fd);
        epoll.add(writer, Epoll.EPOLLOUT);
      });
    });
    expect(outcome).toMatchObject({ code: 0, stderr: '', result: ['EMFILE', true] });
  });

  test('a duplicate that there is no descriptor to silence with costs nobody anything', async () => {
    const outcome = await inChild(async ({ descriptors, fs }) => {
      const { Epoll } = require('iomux/compat/epoll') as typeof import('../../lib/compat/epoll');
      const [ghost, toGhost] = descriptors.pipe();
      const [reader, writer] = descriptors.pipe();
      const told: unknown[] = [];
      let onTold = (): void => undefined;
      const epoll = new Epoll((error, fd) => {
        told.push(error?.message ?? (fd === reader ? 'reader' : fd));
        if (error === null) fs.readSync(fd, Buffer.alloc(1));
        onTold();
      });
      const next = (): Promise<void> => {
        fs.writeSync(writer, 'x');
        return new Promise((resolve) => (onTold = resolve));
      };
      epoll.add(ghost, Epoll.EPOLLIN).add(reader, Epoll.EPOLLIN);
      descriptors.dup(ghost);
      descriptors.close(ghost);
      const before = descriptors.limitDescriptors(ghost);
      fs.writeSync(toGhost, 'x');
      try {
        epoll.remove(ghost);
      } catch (error) {
        told.push((error as NodeJS.ErrnoException).code);
      }
      for (let i = 0; i < 3; i++) await next();
      descriptors.limitDescriptors(before);
      await next();
      // The runtime's own work may add to it, but not every time.
      let sleeps = false;
      for (let window = 0; window < 10 && !sleeps; window++) {
        const start = process.cpuUsage();
        await new Promise((resolve) => setTimeout(resolve, 100));
        const { user, system } = process.cpuUsage(start);
        sleeps = user + system < 50_000;
      }
      epoll.close();
      return [told, sleeps];
    });
    expect(outcome).toEqual({
      code: 0,
      signal: null,
      late: false,
      stderr: '',
      result: [['EBADF', 'reader', 'reader', 'reader', 'reader'], true],
    });
  });

  test('a Worker has its own, and is terminated while it waits', async () => {
    const outcome = await inChild(async ({ startWorker, openDescriptors, descriptors }) => {
      const [reader, writer] = descriptors.pipe();
      const first = startWorker(() => 'with what Node opens for it');
      await new Promise((resolve) => first.on('exit', resolve));
      const before = openDescriptors();
      const worker = startWorker(
        ({ fs }, given) => {
          const { Epoll } =
            require('iomux/compat/epoll') as typeof import('../../lib/compat/epoll');
          return new Promise((resolve) => {
            new Epoll((_, fd) => {
              fs.readSync(fd, Buffer.alloc(1));
              resolve('told');
            }).add(given.reader, Epoll.EPOLLIN);
            fs.writeSync(given.writer, 'x');
          });
        },
        { reader, writer },
      );
      return new Promise((resolve) => {
        worker.on('message', (message) => {
          void worker.terminate().then(() => resolve([message, openDescriptors() - before]));
        });
      });
    });
    expect(outcome).toMatchObject({ code: 0, late: false, stderr: '', result: ['told', 0] });
  });
});

describe.skipIf(native.backend === 'epoll')('where there is no epoll', () => {
  test('the class has its flags, and cannot be made', () => {
    expect(Epoll.EPOLLPRI).toBe(2);
    expect(() => new Epoll(() => undefined)).toThrow(
      expect.objectContaining({ code: 'ERR_UNSUPPORTED_PLATFORM' }),
    );
  });
});
