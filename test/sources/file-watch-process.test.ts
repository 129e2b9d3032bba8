import { spawnSync } from 'node:child_process';
import { beforeEach, describe, expect, test } from 'vitest';
import type { native } from '../../lib/native';
import { hasLibuv } from '../../lib/raw/driver';
import { changesHaveNames } from '../../lib/raw/file-changes';
import { ended, inChild } from '../support/child';
import { temporary } from '../support/opened';

let folder: string;
beforeEach(() => {
  folder = temporary();
});

describe('a program', () => {
  test('whose Workers are terminated while they watch has nothing left open', async () => {
    const outcome = await inChild(
      async ({ startWorker, openDescriptors, fs }, path: string) => {
        const run = async (waits: boolean): Promise<void> => {
          const worker = startWorker(
            ({ iomux }, given: { path: string; waits: boolean }) => {
              setInterval(() => undefined, 1000);
              const watches = [1, 2].map(() => new iomux.FileWatch(given.path));
              if (given.waits)
                void (async () => {
                  for await (const { type } of watches[0]) if (type === 'overflow') break;
                })();
              return 'ready';
            },
            { path, waits },
          );
          await new Promise((resolve) => worker.once('message', resolve));
          for (let i = 0; i < 10; i++) fs.closeSync(fs.openSync(`${path}/${i}`, 'w'));
          await worker.terminate();
        };
        await run(true);
        const before = openDescriptors();
        for (let i = 0; i < 20; i++) await run(i % 2 === 0);
        return openDescriptors() - before;
      },
      { argument: folder, deadline: 30_000 },
    );
    expect(outcome).toEqual({ ...ended, result: 0 });
  }, 30_000);
});

test.runIf(changesHaveNames)(
  'events that were received are not held, though others wait all the time',
  async () => {
    const outcome = await inChild(
      async ({ iomux, fs, collect }, path: string) => {
        const [watch, other] = ['watch', 'other'].map((name) => {
          fs.mkdirSync(`${path}/${name}`);
          return new iomux.FileWatch(`${path}/${name}`);
        });
        const received: WeakRef<object>[] = [];
        const change = (name: string, i: number): void => fs.mkdirSync(`${path}/${name}/${i}`);
        change('watch', -1);
        for (let i = 0; i < 1000; i++) {
          change('watch', i);
          change('other', i);
          await other.receive(); // which reads for both
          const event = await watch.receive();
          if (event !== null) received.push(new WeakRef(event));
        }
        await collect();
        const held = received.filter((event) => event.deref() !== undefined).length;
        return { received: received.length, few: held < 100 };
      },
      { argument: folder, flags: ['--expose-gc'] },
    );
    expect(outcome).toEqual({ ...ended, result: { received: 1000, few: true } });
  },
);

/** Not in every container. */
const hasNamespaces = spawnSync('unshare', ['-Ur', 'true']).status === 0;

describe.runIf(changesHaveNames)('a watch that the system refuses', () => {
  /** In a user namespace, which has limits of its own. */
  const limited = (name: string, most: number): string[] => [
    ...['unshare', '-Ur', 'sh', '-c'],
    `echo ${most} > /proc/sys/user/${name} && exec "$@"`,
    'sh',
  ];
  const attempt = async (most: string, path: string) =>
    inChild(
      ({ iomux, openDescriptors }, given: string) => {
        const before = openDescriptors();
        try {
          for (const name of ['', '/..', '/../..']) new iomux.FileWatch(`${given}${name}`);
        } catch (error) {
          const { code, syscall, path: where } = error as NodeJS.ErrnoException;
          return { code, syscall, where, opened: openDescriptors() - before };
        }
        return 'not refused';
      },
      { argument: path, under: limited(most, most === 'max_inotify_watches' ? 2 : 0) },
    );

  test.runIf(hasNamespaces)('for want of watches is ENOSPC', async () => {
    const result = {
      code: 'ENOSPC',
      syscall: 'inotify_add_watch',
      where: `${folder}/../..`,
      opened: 1,
    };
    expect(await attempt('max_inotify_watches', folder)).toEqual({ ...ended, result });
  });

  test.runIf(hasNamespaces)('for want of queues is EMFILE', async () => {
    const result = { code: 'EMFILE', syscall: 'inotify_init1', opened: 0 };
    expect(await attempt('max_inotify_instances', folder)).toEqual({ ...ended, result });
  });

  test.runIf(process.getuid?.() === 0)('for want of permission is EACCES', async () => {
    const outcome = await inChild(
      ({ iomux, fs }, path: string) => {
        fs.chmodSync(path, 0o700);
        process.seteuid?.(65534);
        try {
          new iomux.FileWatch(`${path}/file`);
        } catch (error) {
          return (error as NodeJS.ErrnoException).code;
        }
        return 'not refused';
      },
      { argument: folder },
    );
    expect(outcome).toEqual({ ...ended, result: 'EACCES' });
  });
});

test.runIf(process.getuid?.() === 0)(
  'a file whose path cannot be seen any more is one that was renamed, when it is',
  async () => {
    const outcome = await inChild(
      async ({ iomux, fs }, path: string) => {
        fs.chmodSync(path, 0o700);
        fs.writeFileSync(`${path}/file`, '');
        const watch = new iomux.FileWatch(`${path}/file`);
        fs.chmodSync(`${path}/file`, 0o600);
        process.seteuid?.(65534);
        const first = await watch.receive();
        process.seteuid?.(0);
        fs.renameSync(`${path}/file`, `${path}/other`);
        process.seteuid?.(65534);
        const second = await watch.receive();
        return [first?.type, second?.type, await watch.receive()];
      },
      { argument: folder },
    );
    expect(outcome).toEqual({ ...ended, result: ['attribute', 'rename', null] });
  },
);

// The test writes the queue itself, with the records of kqueue, which report only that a directory has changed.
test.runIf(changesHaveNames && hasLibuv)(
  'a directory that has to be listed tells nothing of what is under its path when it has another',
  async () => {
    const outcome = await inChild(
      async ({ fs }, path: string) => {
        const { path: find } = require('node-gyp-build') as { path: (folder: string) => string };
        const addon = find(process.cwd());
        const real = require(addon) as typeof native;
        const records: [watch: number, changes: number][] = [];
        const listed = {
          ...real,
          FILE_CHANGES_HAVE_NAMES: 0,
          takeFileChanges: (_: number, into: Buffer) => {
            const taken = records.splice(0);
            const words = taken.flatMap((record) => [...record, 0, 0]);
            into.set(new Uint8Array(Int32Array.from(words).buffer));
            return words.length > 0 ? 4 * words.length : -11; // EAGAIN
          },
        };
        Object.assign(require.cache[addon] ?? {}, { exports: listed });
        const { FileWatch } = require('iomux') as typeof import('../../lib/index');
        const { FILE_WRITTEN, FILE_SELF_MOVED, FILE_SELF_DELETED } = real;
        const told: string[][] = [];
        for (const [i, change] of [FILE_SELF_MOVED, FILE_SELF_DELETED].entries()) {
          const directory = `${path}/${i}`;
          fs.mkdirSync(directory);
          fs.writeFileSync(`${directory}/file`, '');
          const watch = new FileWatch(directory);
          fs.renameSync(directory, `${directory}-elsewhere`);
          fs.mkdirSync(directory);
          fs.writeFileSync(`${directory}/of another`, '');
          // The kernel's number for the first watch of a queue.
          records.push([1, FILE_WRITTEN], [1, change]);
          const events: string[] = [];
          for await (const { type, name } of watch) events.push(`${type} ${name ?? '-'}`);
          told.push(events);
          watch.close();
        }
        return told;
      },
      { argument: folder },
    );
    const result = [['rename -'], ['delete file', 'delete -']];
    expect(outcome).toEqual({ ...ended, result });
  },
);
