import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type FileEvent,
  FileWatch,
  type FileWatchOptions,
  reactor,
  readable,
} from '../../lib/index';
import { native } from '../../lib/native';
import { changesHaveNames } from '../../lib/raw/file-changes';
import { isOpen, openDescriptors } from '../support/descriptors';
import { inWorker } from '../support/worker';
import { afterTurns, PENDING } from '../support/turns';
import { temporary } from '../support/opened';

let folder: string;
const opened: { close(): void }[] = [];

beforeEach(() => {
  folder = temporary();
});
afterEach(() => {
  for (const watch of opened.splice(0)) watch.close();
});

function open<E extends 'utf8' | 'buffer' = 'utf8'>(
  path: string | Buffer | URL,
  o?: FileWatchOptions<E>,
): FileWatch<E> {
  const watch = new FileWatch(path, o);
  opened.push(watch);
  return watch;
}

const inFolder = (name: string): string => join(folder, name);

function inDirectory<T>(path: string, call: () => T): T {
  const before = process.cwd();
  process.chdir(path);
  try {
    return call();
  } finally {
    process.chdir(before);
  }
}

/** All events so far: the kernel queues an event before the call that causes it returns. */
async function told<N>(watch: AsyncIterable<FileEvent<N>>): Promise<FileEvent<N>[]> {
  const events: FileEvent<N>[] = [];
  const { receive } = watch as unknown as { receive: FileWatch['receive'] };
  for (;;) {
    const controller = new AbortController();
    const next = receive.call(watch, { signal: controller.signal }).catch(() => null);
    const event = await afterTurns(next);
    controller.abort();
    if (event === PENDING || event === null) return events;
    events.push(event as FileEvent<N>);
  }
}

/** The events in short: `rename a > b`. */
async function summary(watch: FileWatch): Promise<string[]> {
  const lines = (await told(watch)).map(({ type, name, from }) => {
    const before = from === null ? '' : ` ${from} >`;
    return `${type}${before} ${name ?? '-'}`;
  });
  // One write may be reported as several changes.
  return lines.filter((line, i) => line !== lines[i - 1]);
}

describe('a file', () => {
  test('that is written, cut and given another mode tells so', async () => {
    const path = inFolder('file');
    writeFileSync(path, 'x');
    const watch = open(path);
    appendFileSync(path, 'y');
    expect(await told(watch)).toEqual([{ type: 'change', name: null, from: null }]);
    truncateSync(path);
    expect(await summary(watch)).toEqual(['change -']);
    chmodSync(path, 0o600);
    expect(await summary(watch)).toEqual(['attribute -']);
  });

  test('that is deleted tells so, and nothing more', async () => {
    const path = inFolder('file');
    writeFileSync(path, 'x');
    const watch = open(path);
    unlinkSync(path);
    expect(await summary(watch)).toEqual(['delete -']);
    writeFileSync(path, 'another');
    expect(await watch.receive()).toBeNull();
    for await (const event of watch) expect(event).toBe('none');
    expect(watch.closed).toBe(false);
  });

  test('that is deleted while somebody has it open has gone as well', async () => {
    const path = inFolder('file');
    const fd = openSync(path, 'w');
    const watch = open(path);
    unlinkSync(path);
    expect(await summary(watch)).toEqual(['delete -']);
    closeSync(fd);
    expect(await watch.receive()).toBeNull();
  });

  test('that another one is renamed over has gone', async () => {
    const path = inFolder('file');
    writeFileSync(path, 'x');
    const watch = open(path);
    writeFileSync(inFolder('new'), 'y');
    renameSync(inFolder('new'), path);
    expect(await summary(watch)).toEqual(['delete -']);
    expect(await watch.receive()).toBeNull();
  });

  test('that is renamed tells so, and nothing more', async () => {
    const path = inFolder('file');
    writeFileSync(path, 'x');
    const watch = open(path);
    renameSync(path, inFolder('other'));
    appendFileSync(inFolder('other'), 'y');
    expect(await summary(watch)).toEqual(['rename -']);
    expect(await watch.receive()).toBeNull();
  });

  test.runIf(changesHaveNames)('that is given another mode and renamed tells so', async () => {
    writeFileSync(inFolder('file'), '');
    const watch = open(inFolder('file'));
    chmodSync(inFolder('file'), 0o600);
    renameSync(inFolder('file'), inFolder('other'));
    expect(await summary(watch)).toEqual(['attribute -', 'rename -']);
    expect(await watch.receive()).toBeNull();
  });

  test('that replaces another one while its watch is opened is the one that is watched', async () => {
    writeFileSync(inFolder('file'), '');
    writeFileSync(inFolder('new'), '');
    const { addFileWatch } = native;
    native.addFileWatch = (...given) => {
      native.addFileWatch = addFileWatch;
      const watch = addFileWatch(...given);
      renameSync(inFolder('new'), inFolder('file'));
      return watch;
    };
    const watch = open(inFolder('file'));
    appendFileSync(inFolder('file'), 'x');
    // Deno's appendFileSync sets the mode as well.
    expect(await summary(watch)).toContain('change -');
    unlinkSync(inFolder('file'));
    expect((await summary(watch)).at(-1)).toBe('delete -');
    expect(await watch.receive()).toBeNull();
  });

  test('with another link goes on when that comes or goes', async () => {
    const path = inFolder('file');
    writeFileSync(path, 'x');
    const watch = open(path);
    linkSync(path, inFolder('link'));
    unlinkSync(inFolder('link'));
    expect(await summary(watch)).toEqual(['attribute -']);
    appendFileSync(path, 'y');
    expect(await summary(watch)).toEqual(['change -']);
  });

  test('by a relative path is that of the working directory of then', async () => {
    writeFileSync(inFolder('file'), 'x');
    const watch = inDirectory(folder, () => open('file'));
    chmodSync(inFolder('file'), 0o600);
    expect(await summary(watch)).toEqual(['attribute -']);
    renameSync(inFolder('file'), inFolder('other'));
    expect(await summary(watch)).toEqual(['rename -']);
  });

  test('by a path that goes up from behind a symbolic link is the one that the system finds', async () => {
    mkdirSync(inFolder('one'));
    mkdirSync(inFolder('one/below'));
    mkdirSync(inFolder('two'));
    symlinkSync('../one/below', inFolder('two/link'));
    writeFileSync(inFolder('one/file'), 'x');
    const watch = inDirectory(inFolder('two'), () => open('link/../file'));
    chmodSync(inFolder('one/file'), 0o600);
    expect(await summary(watch)).toEqual(['attribute -']);
  });

  test('with another link goes on when that is renamed', async () => {
    const path = inFolder('file');
    writeFileSync(path, 'x');
    linkSync(path, inFolder('link'));
    const watch = open(path);
    renameSync(inFolder('link'), inFolder('other'));
    appendFileSync(path, 'y');
    expect(await summary(watch)).toContain('change -');
    renameSync(path, inFolder('last'));
    expect(await summary(watch)).toEqual(['rename -']);
    expect(await watch.receive()).toBeNull();
  });

  test('is watched also where it is a FIFO that nobody writes to', async () => {
    execFileSync('mkfifo', [inFolder('fifo')]);
    const watch = open(inFolder('fifo'));
    unlinkSync(inFolder('fifo'));
    expect(await summary(watch)).toEqual(['delete -']);
  });

  test('is watched through a symbolic link, a Buffer and a URL', async () => {
    const path = inFolder('a file');
    writeFileSync(path, 'x');
    symlinkSync(path, inFolder('link'));
    const watches = [open(inFolder('link')), open(Buffer.from(path)), open(pathToFileURL(path))];
    appendFileSync(path, 'y');
    for (const watch of watches) expect(await summary(watch)).toEqual(['change -']);
  });
});

describe('a directory', () => {
  test('tells what comes, changes its name and goes', async () => {
    const watch = open(folder);
    mkdirSync(inFolder('folder'));
    closeSync(openSync(inFolder('file'), 'w'));
    symlinkSync('nowhere', inFolder('link'));
    expect(await summary(watch)).toEqual(['create folder', 'create file', 'create link']);
    renameSync(inFolder('file'), inFolder('other'));
    expect(await summary(watch)).toEqual(['rename file > other']);
    unlinkSync(inFolder('other'));
    unlinkSync(inFolder('link'));
    rmdirSync(inFolder('folder'));
    expect(await summary(watch)).toEqual(['delete other', 'delete link', 'delete folder']);
  });

  test('tells of one end of a rename that has the other elsewhere', async () => {
    const [here, elsewhere] = ['here', 'elsewhere'].map(inFolder);
    mkdirSync(here);
    mkdirSync(elsewhere);
    writeFileSync(join(here, 'out'), '');
    writeFileSync(join(elsewhere, 'in'), '');
    const watches = [open(here), open(elsewhere)];
    renameSync(join(here, 'out'), join(elsewhere, 'out'));
    renameSync(join(elsewhere, 'in'), join(here, 'in'));
    expect(await summary(watches[0])).toEqual(['delete out', 'create in']);
    expect(await summary(watches[1])).toEqual(['create out', 'delete in']);
  });

  test('keeps the order when a name that has gone comes again', async () => {
    mkdirSync(inFolder('folder'));
    mkdirSync(inFolder('elsewhere'));
    const name = inFolder('folder/name');
    closeSync(openSync(name, 'w'));
    const watch = open(inFolder('folder'));
    renameSync(name, inFolder('elsewhere/name'));
    closeSync(openSync(name, 'w'));
    expect(await summary(watch)).toEqual(['delete name', 'create name']);
  });

  test('that is deleted or renamed is the last event', async () => {
    for (const name of ['one', 'two']) mkdirSync(inFolder(name));
    const [one, two] = [open(inFolder('one')), open(inFolder('two'))];
    rmdirSync(inFolder('one'));
    renameSync(inFolder('two'), inFolder('three'));
    expect(await summary(one)).toEqual(['delete -']);
    expect(await summary(two)).toEqual(['rename -']);
    for (const watch of [one, two]) expect(await watch.receive()).toBeNull();
  });

  test.runIf(changesHaveNames)('tells what has gone from it before its own end', async () => {
    mkdirSync(inFolder('in'));
    writeFileSync(inFolder('in/file'), '');
    const watch = open(inFolder('in'));
    renameSync(inFolder('in/file'), inFolder('out'));
    chmodSync(inFolder('in'), 0o700);
    renameSync(inFolder('in'), inFolder('gone'));
    expect(await summary(watch)).toEqual(['delete file', 'attribute -', 'rename -']);
    expect(await watch.receive()).toBeNull();
  });

  test('tells names that are not ASCII, and those that are not UTF-8 by their bytes', async () => {
    const text = open(folder);
    const bytes = open(folder, { encoding: 'buffer' });
    const invalid = Buffer.from([0x66, 0xff, 0xfe, 0x80]);
    closeSync(openSync(inFolder('Größe ☃'), 'w'));
    closeSync(openSync(Buffer.concat([Buffer.from(`${folder}/`), invalid]), 'w'));
    expect(await summary(text)).toEqual(['create Größe ☃', 'create f\ufffd\ufffd\ufffd']);
    const names = (await told<Buffer>(bytes)).map(({ name }) => name);
    expect(names).toEqual([Buffer.from('Größe ☃'), invalid]);
  });

  test('tells of 10,000 files, with others opened and closed meanwhile', async () => {
    // Links to a file cost less than files.
    writeFileSync(inFolder('file'), '');
    mkdirSync(inFolder('watched'));
    const watch = open(inFolder('watched'));
    const names = Array.from({ length: 10_000 }, (_, i) => `file-${i}`);
    const types = new Set<string>();
    const received: (string | null)[] = [];
    const receiving = (async () => {
      for await (const { type, name } of watch) {
        types.add(type);
        if (received.push(name) === names.length) return;
      }
    })();
    for (const [i, name] of names.entries()) {
      linkSync(inFolder('file'), inFolder(`watched/${name}`));
      if (i % 1000 === 0) open(tmpdir()).close();
    }
    await receiving;
    expect([...types]).toEqual(['create']);
    expect(received.sort()).toEqual(names.sort());
  });
});

// The events of the files in a directory.
describe.runIf(changesHaveNames)('a file in a directory', () => {
  test('that is written or given another mode tells so, with its name', async () => {
    writeFileSync(inFolder('file'), '');
    const watch = open(folder);
    appendFileSync(inFolder('file'), 'x');
    chmodSync(inFolder('file'), 0o600);
    expect(await summary(watch)).toEqual(['change file', 'attribute file']);
  });

  test('that an editor saves by renaming over it is a rename', async () => {
    writeFileSync(inFolder('file'), 'old');
    const watch = open(folder);
    writeFileSync(inFolder('.file.swp'), 'new');
    renameSync(inFolder('.file.swp'), inFolder('file'));
    expect(await summary(watch)).toEqual([
      'create .file.swp',
      'change .file.swp',
      'rename .file.swp > file',
    ]);
  });

  test('that an editor keeps as a backup is renamed, and comes anew', async () => {
    writeFileSync(inFolder('file'), 'old');
    const watch = open(folder);
    renameSync(inFolder('file'), inFolder('file~'));
    writeFileSync(inFolder('file'), 'new');
    unlinkSync(inFolder('file~'));
    expect(await summary(watch)).toEqual([
      'rename file > file~',
      'create file',
      'change file',
      'delete file~',
    ]);
  });

  test('that sed -i and mv of another process change is told as well', async () => {
    writeFileSync(inFolder('file'), 'old\n');
    const watch = open(folder);
    const command = `sed -i s/old/new/ file && mv file last`;
    const child = spawn('sh', ['-c', command], { cwd: folder });
    const ended = once(child, 'close');
    for await (const { type, name, from } of watch) {
      if (type === 'rename' && name === 'last') {
        expect(from).toBe('file');
        break;
      }
    }
    expect(await ended).toEqual([0, null]);
  });
});

describe.runIf(changesHaveNames)('when there is no room', () => {
  // The tests of other systems are collected as well, to be skipped.
  const setting = '/proc/sys/fs/inotify/max_queued_events';
  const limit = existsSync(setting) ? Number(readFileSync(setting, 'utf8')) : Infinity;

  /** Changes that the kernel does not merge. */
  const flood = (changes: number): void => {
    const files = ['one', 'two'].map((name) => openSync(inFolder(name), 'w'));
    for (let i = 0; i < changes; i++) writeSync(files[i % 2], 'x');
    files.forEach((fd) => closeSync(fd));
  };

  test.runIf(limit <= 100_000)(
    'in the kernel, every watch is told that has not ended, and goes on',
    async () => {
      mkdirSync(inFolder('quiet'));
      writeFileSync(inFolder('file'), '');
      const [busy, quiet, over] = [open(folder), open(inFolder('quiet')), open(inFolder('file'))];
      unlinkSync(inFolder('file'));
      expect(await summary(over)).toEqual(['delete -']);
      flood(limit + 100);
      const types: string[] = [];
      for await (const { type } of busy) {
        types.push(type);
        if (type === 'overflow') break;
      }
      expect(types.length).toBeGreaterThan(limit / 2);
      expect(await told(quiet)).toEqual([{ type: 'overflow', name: null, from: null }]);
      expect(await over.receive()).toBeNull();
      mkdirSync(inFolder('quiet/new'));
      expect(await summary(quiet)).toEqual(['create new']);
    },
  );

  test.runIf(limit <= 100_000)('in the kernel, what has gone meanwhile ends', async () => {
    for (const name of ['deleted', 'renamed']) writeFileSync(inFolder(name), '');
    const watches = [open(folder), open(inFolder('deleted')), open(inFolder('renamed'))];
    flood(limit + 100);
    unlinkSync(inFolder('deleted'));
    renameSync(inFolder('renamed'), inFolder('other'));
    for (const watch of watches.slice(1)) {
      expect(await summary(watch)).toEqual(['overflow -', 'delete -']);
      expect(await watch.receive()).toBeNull();
    }
  });

  test('for one that nobody asks, while others are asked', async () => {
    mkdirSync(inFolder('quiet'));
    const [busy, quiet] = [open(folder), open(inFolder('quiet'))];
    for (let i = 0; i < 20; i++) {
      const receiving = quiet.receive();
      flood(1000);
      mkdirSync(inFolder(`quiet/${i}`));
      expect(await receiving).toMatchObject({ type: 'create', name: String(i) });
    }
    const events = await told(busy);
    expect(events).toHaveLength(16_385);
    expect(events.filter(({ type }) => type === 'overflow')).toHaveLength(1);
    expect(events.at(-1)).toEqual({ type: 'overflow', name: null, from: null });
    mkdirSync(inFolder('after'));
    expect(await summary(busy)).toEqual(['create after']);
  });
});

describe('several watches', () => {
  test('of one path are told alike, and one that is closed leaves the others', async () => {
    const watches = [open(folder), open(folder), open(`${folder}/.`)];
    closeSync(openSync(inFolder('one'), 'w'));
    for (const watch of watches) expect(await summary(watch)).toEqual(['create one']);
    watches[0].close();
    closeSync(openSync(inFolder('two'), 'w'));
    for (const watch of watches.slice(1)) expect(await summary(watch)).toEqual(['create two']);
  });

  test('are told nothing of what happened before they were opened', async () => {
    const first = open(folder);
    closeSync(openSync(inFolder('one'), 'w'));
    const second = open(folder);
    expect(await summary(second)).toEqual([]);
    expect(await summary(first)).toEqual(['create one']);
  });

  test('do not keep each other waiting: who asks for one wakes those who wait for others', async () => {
    mkdirSync(inFolder('one'));
    mkdirSync(inFolder('two'));
    const [one, two] = [open(inFolder('one')), open(inFolder('two'))];
    const waiting = one.receive();
    mkdirSync(inFolder('one/new'));
    mkdirSync(inFolder('two/new'));
    expect(await two.receive()).toMatchObject({ type: 'create' });
    expect(await waiting).toMatchObject({ type: 'create', name: 'new' });
  });

  test('need one descriptor for changes, however many they are', () => {
    const before = openDescriptors().length;
    const watches = Array.from({ length: 300 }, (_, i) => {
      mkdirSync(inFolder(String(i)));
      return open(inFolder(String(i)));
    });
    if (changesHaveNames) expect(openDescriptors().length).toBe(before + 1);
    for (const watch of watches) watch.close();
    expect(openDescriptors().length).toBe(before);
  });

  test('in another thread have a queue of their own, which ends with it', async () => {
    const before = openDescriptors().length;
    const watch = open(folder);
    const inside = await inWorker(async ({ iomux }, path: string) => {
      const fs = require('node:fs') as typeof import('node:fs');
      const watching = new iomux.FileWatch(path);
      fs.mkdirSync(`${path}/worker`);
      return (await watching.receive())?.name;
    }, folder);
    expect(inside).toBe('worker');
    expect(await summary(watch)).toEqual(['create worker']);
    watch.close();
    expect(openDescriptors().length).toBeLessThanOrEqual(before + 4); // Node's own for its Workers
  });
});

describe('close and abort', () => {
  test('reject whoever waits, and close the descriptor with the last one', async () => {
    const [one, two] = [open(folder), open(folder)];
    const { fd } = one;
    const waiting = [one.receive(), one.receive()];
    one.close();
    one.close();
    for (const each of waiting) {
      await expect(each).rejects.toMatchObject({
        code: 'ERR_CLOSED',
        message: 'The file watch is closed',
      });
    }
    expect([one.fd, one.closed, two.fd, two.closed]).toEqual([-1, true, fd, false]);
    expect(isOpen(fd)).toBe(true);
    two[Symbol.dispose]();
    expect(isOpen(fd)).toBe(false);
    await expect(one.receive()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });

  test('of the last one leave the one that is opened next alone', async () => {
    const last = open(folder);
    const closed = expect(last.receive()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    last.close();
    const next = open(folder);
    const receiving = next.receive();
    await closed;
    mkdirSync(inFolder('new'));
    expect(await receiving).toMatchObject({ type: 'create', name: 'new' });
  });

  test('of the last one, once something has happened, end the waiting for its descriptor', async () => {
    const { waiting } = reactor.statistics();
    const last = open(folder);
    const woken = readable(last);
    const closed = expect(last.receive()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    mkdirSync(inFolder('one'));
    await woken;
    last.close();
    const next = open(folder);
    const receiving = next.receive();
    await closed;
    expect(await afterTurns(receiving)).toBe(PENDING);
    expect(reactor.statistics().waiting).toBe(waiting + 1);
    mkdirSync(inFolder('two'));
    expect(await receiving).toMatchObject({ type: 'create', name: 'two' });
  });

  test('an aborted one leaves the event to who asks next', async () => {
    const watch = open(folder);
    const controller = new AbortController();
    const reason = new Error('enough');
    const aborted = watch.receive({ signal: controller.signal });
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    mkdirSync(inFolder('new'));
    expect(await watch.receive()).toMatchObject({ name: 'new' });
  });

  test('a loop ends when it is closed', async () => {
    const watch = open(folder);
    const looping = (async () => {
      for await (const event of watch) expect(event).toBe('none');
    })();
    expect(await afterTurns(looping)).toBe(PENDING);
    watch.close();
    await looping;
  });
});

describe('misuse', () => {
  const make = (path: unknown, o?: unknown) => () =>
    open(path as string, o as FileWatchOptions<'utf8'>);

  test.each([
    ['no path', undefined, 'ERR_INVALID_ARG_TYPE'],
    ['a number', 1, 'ERR_INVALID_ARG_TYPE'],
    ['a path with a NUL', '/tmp/\0', 'ERR_INVALID_ARG_VALUE'],
    ['a URL of another kind', new URL('http://localhost/'), 'ERR_INVALID_URL_SCHEME'],
  ])('%s is refused', (_, path, code) => {
    expect(make(path)).toThrow(expect.objectContaining({ code }));
  });

  test.each([
    ['an encoding that there is not', { encoding: 'hex' }, 'ERR_INVALID_ARG_VALUE'],
    ['options that are none', 'utf8', 'ERR_INVALID_ARG_TYPE'],
  ])('%s is refused', (_, o, code) => {
    const before = openDescriptors().length;
    expect(make('/tmp', o)).toThrow(expect.objectContaining({ code }));
    expect(openDescriptors().length).toBe(before);
  });

  test('what becomes a link to itself in the middle of it is ELOOP, and leaves nothing open', () => {
    const before = openDescriptors().length;
    const path = inFolder('file');
    writeFileSync(path, '');
    const { addFileWatch } = native;
    native.addFileWatch = (...given) => {
      const watch = addFileWatch(...given);
      unlinkSync(path);
      symlinkSync('file', path);
      return watch;
    };
    try {
      expect(make(path)).toThrow(expect.objectContaining({ code: 'ELOOP' }));
    } finally {
      native.addFileWatch = addFileWatch;
    }
    expect(openDescriptors().length).toBe(before);
  });

  test('what is not there has the code of the system, and its path', () => {
    const before = openDescriptors().length;
    const missing = inFolder('missing');
    const syscall = changesHaveNames ? 'inotify_add_watch' : 'open';
    expect(make(missing)).toThrow(
      expect.objectContaining({
        code: 'ENOENT',
        syscall,
        path: missing,
        message: `ENOENT: no such file or directory, ${syscall} '${missing}'`,
      }),
    );
    writeFileSync(inFolder('file'), '');
    expect(make(inFolder('file/below'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
    expect(openDescriptors().length).toBe(before);
  });
});
