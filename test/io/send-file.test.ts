import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { Stream } from '../../lib/net';
import { inChild } from '../support/child';
import { close, descriptors, isOpen, owned, pipe } from '../support/descriptors';
import { tracked } from '../support/opened';
import { pair, pattern, readAll, readBytes, toNode } from './peers';
import { fill, isPending, rejection, tinyBuffer } from './pressure';

const folder = mkdtempSync(join(tmpdir(), 'iomux-'));
const path = join(folder, 'file');
const bytes = pattern(3 << 20);
writeFileSync(path, bytes);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const files: number[] = [];
function opened(name = path, flags = 'r'): number {
  const fd = openSync(name, flags);
  files.push(fd);
  return fd;
}
afterEach(() => {
  for (const fd of files.splice(0)) if (isOpen(fd)) closeSync(fd);
});

describe('sendFile', () => {
  test('sends a whole file, whatever the position of its descriptor, which stays', async () => {
    const { ours, theirs } = await pair();
    const fd = opened();
    const first = Buffer.alloc(10);
    readSync(fd, first);
    const reading = readAll(theirs);
    expect(await ours.sendFile(fd)).toBe(bytes.length);
    await ours.close();
    expect((await reading).equals(bytes)).toBe(true);
    expect(ours.bytesWritten).toBe(bytes.length);
    readSync(fd, first);
    expect(first.equals(bytes.subarray(10, 20))).toBe(true);
  });

  test.each([
    [{ offset: 1_000_000 }, 1_000_000, bytes.length],
    [{ length: 70_000 }, 0, 70_000],
    [{ offset: 5, length: 0 }, 0, 0],
    [{ offset: 5, length: 262_144 }, 5, 262_149],
    [{ offset: bytes.length - 10, length: 100 }, bytes.length - 10, bytes.length],
    [{ offset: bytes.length + 10 }, 0, 0],
  ])('sends the part %j, as far as there is one', async (part, start, end) => {
    const { ours, theirs } = await pair();
    const reading = readAll(theirs);
    expect(await ours.sendFile(opened(), part)).toBe(end - start);
    await ours.close();
    expect((await reading).equals(bytes.subarray(start, end))).toBe(true);
  });

  test('sends from a FileHandle, to several at once', async () => {
    const file = await open(path);
    const pairs = [await pair(), await pair(), await pair()];
    const reading = pairs.map(({ theirs }) => readAll(theirs));
    const sent = await Promise.all(pairs.map(({ ours }) => ours.sendFile(file)));
    await Promise.all(pairs.map(({ ours }) => ours.close()));
    for (const received of await Promise.all(reading)) expect(received.equals(bytes)).toBe(true);
    expect(sent).toEqual([bytes.length, bytes.length, bytes.length]);
    await file.close();
    const { ours } = await pair();
    expect(await rejection(ours.sendFile(file))).toMatchObject({ code: 'ERR_CLOSED' });
  });

  test('arrives through buffers that are far too small', async () => {
    const { ours, theirs } = await pair();
    tinyBuffer(ours);
    const reading = readAll(theirs);
    expect(await ours.sendFile(opened(), { length: 500_000 })).toBe(500_000);
    await ours.close();
    expect((await reading).equals(bytes.subarray(0, 500_000))).toBe(true);
  });

  test('keeps the order with writes before and after it', async () => {
    const { ours, theirs } = await pair();
    const taken = fill(ours);
    const finished: string[] = [];
    const sending = [
      ours.write('before ').then(() => finished.push('before')),
      ours.sendFile(opened(), { offset: 3, length: 4 }).then(() => finished.push('file')),
      ours.writev([' be', 'hind']).then(() => finished.push('behind')),
    ];
    expect(await isPending(Promise.race(sending))).toBe(true);
    const received = await readBytes(theirs, taken + 18);
    await Promise.all(sending);
    const wanted = [Buffer.from('before '), bytes.subarray(3, 7), Buffer.from(' behind')];
    expect(received.subarray(taken).equals(Buffer.concat(wanted))).toBe(true);
    expect(finished).toEqual(['before', 'file', 'behind']);
  });

  test('leaves a turn to others before it goes on', async () => {
    const { ours } = await pair();
    const sending = ours.sendFile(opened());
    expect(ours.bytesWritten).toBe(262_144);
    ours.destroy();
    await rejection(sending);
  });

  test('arrives at node:net', async () => {
    const { stream, socket } = await toNode();
    const chunks: Buffer[] = [];
    for await (const chunk of (async function* () {
      const sending = stream.sendFile(opened()).then(() => stream.close());
      yield* socket;
      await sending;
    })()) {
      chunks.push(chunk as Buffer);
    }
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  test('goes into a pipe', async () => {
    const [input, output] = descriptors.pipe().map((fd) => tracked(Stream.fromFd(fd)));
    const reading = readAll(input);
    expect(await output.sendFile(opened())).toBe(bytes.length);
    await output.close();
    expect((await reading).equals(bytes)).toBe(true);
  });

  test('is waited for when the stream is closed, and has the end of the file then', async () => {
    const { ours, theirs } = await pair();
    const sending = ours.sendFile(opened());
    const closing = ours.close();
    expect((await readAll(theirs)).equals(bytes)).toBe(true);
    await closing;
    expect(await sending).toBe(bytes.length);
  });
});

describe('sendFile of what has no sendfile(2)', () => {
  test.each([false, true])('copies a pipe until it ends (blocking: %s)', async (blocking) => {
    const { ours, theirs } = await pair();
    const [reader, writer] = descriptors.pipe();
    owned([reader]);
    const near = tracked(Stream.fromFd(writer));
    if (blocking) descriptors.setBlocking(reader, true);
    const reading = readAll(theirs);
    const sending = ours.sendFile(reader);
    // Nothing is there, and the thread does not wait for it.
    expect(await isPending(sending)).toBe(true);
    await near.write(bytes);
    await near.close();
    expect(await sending).toBe(bytes.length);
    await ours.close();
    expect((await reading).equals(bytes)).toBe(true);
  });

  test('takes no more from a pipe than it was asked for', async () => {
    const { ours, theirs } = await pair();
    const [reader, writer] = descriptors.pipe();
    owned([reader]);
    const near = tracked(Stream.fromFd(writer));
    await near.write('some and the rest');
    expect(await ours.sendFile(reader, { length: 4 })).toBe(4);
    expect((await readBytes(theirs, 4)).toString()).toBe('some');
    const rest = Buffer.alloc(20);
    expect(rest.toString('utf8', 0, readSync(reader, rest))).toBe(' and the rest');
  });

  test.runIf(process.platform === 'linux')('a file of the kernel goes out, too', async () => {
    const { ours, theirs } = await pair();
    const count = await ours.sendFile(opened('/proc/self/status'));
    await ours.close();
    const received = await readAll(theirs);
    expect(received.toString()).toMatch(/^Name:/);
    expect(received).toHaveLength(count);
  });

  test('a device goes out, too', async () => {
    const { ours, theirs } = await pair();
    expect(await ours.sendFile(opened('/dev/zero'), { length: 100_000 })).toBe(100_000);
    await ours.close();
    expect((await readAll(theirs)).equals(Buffer.alloc(100_000))).toBe(true);
  });

  test('a part of a pipe that is not at its beginning cannot be', async () => {
    const { ours } = await pair();
    const [reader] = pipe();
    expect(await rejection(ours.sendFile(reader, { offset: 0 }))).toMatchObject({ code: 'ESPIPE' });
  });
});

describe('sendFile fails', () => {
  test('with what the source says, and the stream goes on', async () => {
    const { ours, theirs } = await pair();
    const cases: [number, string][] = [
      [opened(folder), 'EISDIR'],
      [opened(join(folder, 'output'), 'w'), 'EBADF'],
      [opened(), 'EBADF'],
    ];
    closeSync(cases[2][0]);
    for (const [fd, code] of cases) {
      const behind = ours.write('.');
      expect(await rejection(ours.sendFile(fd))).toMatchObject({ code });
      await behind;
    }
    expect((await readBytes(theirs, 3)).toString()).toBe('...');
  });

  test('for wrong arguments, before anything is sent', async () => {
    const { ours, theirs } = await pair();
    const fd = opened();
    const wrong: [unknown, unknown, string][] = [
      ['file', undefined, 'ERR_INVALID_ARG_TYPE'],
      [undefined, undefined, 'ERR_INVALID_ARG_TYPE'],
      [-1, undefined, 'ERR_OUT_OF_RANGE'],
      [fd, 5, 'ERR_INVALID_ARG_TYPE'],
      [fd, { offset: -1 }, 'ERR_OUT_OF_RANGE'],
      [fd, { offset: 0.5 }, 'ERR_OUT_OF_RANGE'],
      [fd, { offset: 5n }, 'ERR_INVALID_ARG_TYPE'],
      [fd, { length: -1 }, 'ERR_OUT_OF_RANGE'],
      [fd, { length: '5' }, 'ERR_INVALID_ARG_TYPE'],
      [fd, { signal: 5 }, 'ERR_INVALID_ARG_TYPE'],
    ];
    for (const [source, o, code] of wrong) {
      const sending = ours.sendFile(source as number, o as object);
      expect(await rejection(sending)).toMatchObject({ code });
    }
    await ours.close();
    expect(await rejection(ours.sendFile(fd))).toMatchObject({ code: 'ERR_CLOSED' });
    expect(await readAll(theirs)).toHaveLength(0);
  });

  test('when the peer resets', async () => {
    const { ours, theirs } = await pair();
    const sending = rejection(ours.sendFile(opened('/dev/zero')));
    await theirs.read(Buffer.alloc(1));
    theirs.destroy();
    expect(await sending).toMatchObject({
      code: expect.stringMatching(/^(ECONNRESET|EPIPE)$/) as string,
      syscall: 'sendfile',
      fd: ours.fd,
    });
  });

  test('when its descriptor is closed meanwhile', async () => {
    const { ours } = await pair();
    const file = await open('/dev/zero');
    const sending = rejection(ours.sendFile(file));
    await file.close();
    expect(await sending).toMatchObject({ code: 'ERR_CLOSED' });
  });

  test('when the stream is destroyed', async () => {
    const { ours } = await pair();
    const reason = new Error('enough');
    const sending = ours.sendFile(opened('/dev/zero'));
    ours.destroy(reason);
    expect(await rejection(sending)).toBe(reason);
  });

  test('when the stream is closed and the source may have no end; a file goes out', async () => {
    const { ours, theirs } = await pair();
    const reading = readAll(theirs);
    const [reader] = pipe();
    const sending = [
      ours.sendFile(opened(), { length: 5 }),
      ours.sendFile(reader),
      ours.write('behind'),
      ours.sendFile(opened(), { length: 5 }),
      ours.sendFile(opened('/dev/zero')),
    ];
    const outcomes = Promise.allSettled(sending);
    await ours.close();
    const done = { status: 'fulfilled' };
    const rejected = { status: 'rejected', reason: { code: 'ERR_CLOSED' } };
    expect(await outcomes).toMatchObject([done, rejected, done, done, rejected]);
    expect(await reading).toHaveLength(16);
  });

  test('with the reason of an abort: before, while it waits for its turn, and while it sends', async () => {
    const { ours, theirs } = await pair();
    const before = AbortSignal.abort(new Error('before'));
    expect(await rejection(ours.sendFile(opened(), { signal: before }))).toBe(before.reason);

    const during = new AbortController();
    const sending = ours.sendFile(opened('/dev/zero'), { signal: during.signal });
    const waiting = new AbortController();
    const next = ours.sendFile(opened(), { signal: waiting.signal });
    const behind = ours.write('behind');
    waiting.abort(new Error('waiting'));
    expect(await rejection(next)).toBe(waiting.signal.reason);
    while (ours.bytesWritten < 1 << 20) expect(await isPending(sending)).toBe(true);
    during.abort(new Error('during'));
    expect(await rejection(sending)).toBe(during.signal.reason);
    const closing = ours.close();
    const received = await readAll(theirs);
    await Promise.all([behind, closing]);
    expect(received.subarray(-6).toString()).toBe('behind');
    expect(received).toHaveLength(ours.bytesWritten);
  });

  test('by an abort while it waits for its source, which nobody waits for afterwards', async () => {
    const { ours } = await pair();
    const [reader, writer] = pipe();
    const controller = new AbortController();
    const sending = ours.sendFile(reader, { signal: controller.signal });
    expect(await isPending(sending)).toBe(true);
    controller.abort();
    expect(await rejection(sending)).toMatchObject({ name: 'AbortError' });
    await ours.write('x');
    close(reader, writer);
  });
});

test.runIf(process.platform === 'linux').each(['ENOSYS', 'EPERM'] as const)(
  'a file is copied where a sandbox refuses sendfile(2) with %s',
  async (code) => {
    const outcome = await inChild(
      async ({ net, descriptors: support, fs }, [refusal, name]: [number, string]) => {
        const [ours, theirs] = support.socketPair(true).map((fd) => net.Stream.fromFd(fd));
        support.refuse('sendfile', refusal);
        const reading = theirs.readAll({ limit: 2 ** 24 });
        const sent = await ours.sendFile(fs.openSync(name, 'r'));
        await ours.close();
        return [sent, (await reading).equals(fs.readFileSync(name))];
      },
      { argument: [constants.errno[code], path] },
    );
    const result = [bytes.length, true];
    expect(outcome).toEqual({ code: 0, signal: null, late: false, stderr: '', result });
  },
);
