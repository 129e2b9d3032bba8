import { fstatSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FileWatch, processExit, Signals, Timer, Waker, writable } from '../../lib/index';
import { listen } from '../../lib/net';
import { close, descriptors, dup, isOpen, owned, pipe } from '../support/descriptors';
import { temporary } from '../support/opened';

const closed = { code: 'ERR_CLOSED' };

interface Handle {
  readonly fd: number;
  close(): void;
}
type Kind = readonly [handle: Handle, wait: () => Promise<unknown>, cause?: () => void];

/** Sources of which each waits on the reactor by itself. */
const DESCRIPTORS: Record<string, () => Kind> = {
  'a Timer': () => {
    const timer = new Timer();
    return [timer, () => timer.wait(), () => timer.set({ after: 0 })];
  },
  'a Waker': () => {
    const waker = new Waker();
    return [waker, () => waker.wait(), () => waker.wake()];
  },
};

const SOURCES: Record<string, () => Kind> = {
  ...DESCRIPTORS,
  Signals: () => {
    const signals = new Signals(['SIGWINCH']);
    return [signals, () => signals.receive(), () => process.kill(process.pid, 'SIGWINCH')];
  },
  'a FileWatch': () => {
    const folder = temporary();
    const watch = new FileWatch(folder);
    return [watch, () => watch.receive(), () => writeFileSync(join(folder, 'new'), '')];
  },
};

const ALL: Record<string, () => Kind | Promise<Kind>> = {
  ...SOURCES,
  'a Listener': async () => {
    const listener = await listen({ port: 0, host: '127.0.0.1' });
    return [listener, () => listener.accept()];
  },
};

/** Closes the descriptor, and opens a file with its number. Returns whether that file is still open. */
function replace(fd: number): () => boolean {
  const [reader] = pipe();
  owned([descriptors.dup2(reader, fd)]);
  return () => isOpen(fd) && fstatSync(fd).ino === fstatSync(reader).ino;
}

describe.each(Object.entries(ALL))('%s whose number is another file’s by now', (_, make) => {
  test('leaves that alone when it is closed while one waits', async () => {
    const [handle, wait] = await make();
    const waiting = wait();
    const isThere = replace(handle.fd);
    handle.close();
    await expect(waiting).rejects.toMatchObject(closed);
    expect(isThere()).toBe(true);
  });
});

describe.each(Object.entries(DESCRIPTORS))(
  '%s whose number is another file’s by now',
  (_, make) => {
    test('tells everybody when one more waits, and leaves it alone afterwards', async () => {
      const [handle, wait] = make();
      const waiting = wait();
      const isThere = replace(handle.fd);
      const another = wait();
      await expect(another).rejects.toMatchObject(closed);
      await expect(waiting).rejects.toMatchObject(closed);
      await expect(wait()).rejects.toMatchObject(closed);
      handle.close();
      expect(isThere()).toBe(true);
    });
  },
);

describe.each(Object.entries(SOURCES))('%s that is told of something', (_, make) => {
  test('and replaced in that moment tells who waits, at the latest after a tenth of a second', async () => {
    const [handle, wait, cause] = make();
    const first = wait();
    cause?.();
    await first;
    const isThere = replace(handle.fd);
    // Writing a file causes several events, which may be there already.
    const untilClosed = async (): Promise<never> => {
      for (;;) await wait();
    };
    await expect(untilClosed()).rejects.toMatchObject(closed);
    handle.close();
    expect(isThere()).toBe(true);
  });
});

test('a Waker whose number is another file’s by now is not woken by its handle any more', async () => {
  const waker = new Waker();
  const remote = Waker.from(waker.handle);
  const waiting = waker.wait();
  replace(waker.fd);
  await expect(waker.wait()).rejects.toMatchObject(closed);
  await expect(waiting).rejects.toMatchObject(closed);
  expect(remote.wake()).toBe(false);
  waker.close();
});

test('a Timer whose number is another file’s by now is closed when its wait is aborted, and leaves that alone', async () => {
  const timer = new Timer();
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = timer.wait({ signal });
  const isThere = replace(timer.fd);
  controller.abort();
  await expect(waiting).rejects.toBe(signal.reason);
  expect(timer.closed).toBe(true);
  timer.close();
  expect(isThere()).toBe(true);
});

test('a processExit whose number is another file’s by now leaves that alone when it is aborted', async () => {
  const [reader, writer] = pipe();
  await writable(writer);
  const fd = dup(reader);
  close(fd); // for the process, which is the next to be opened
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = processExit(process.pid, { signal });
  const isThere = replace(fd);
  controller.abort();
  await expect(waiting).rejects.toBe(signal.reason);
  expect(isThere()).toBe(true);
});
