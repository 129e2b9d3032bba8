import { constants } from 'node:os';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Stream } from '../../lib/net';
import { inChild } from '../support/child';
import { descriptors, openDescriptors } from '../support/descriptors';
import { pair, pattern, readAll, readBytes } from './peers';
import { fill, isPending, rejection, RESET, writeUntilTold } from './pressure';

const closed = { code: 'ERR_CLOSED' };

/** No buffers of the kernel have room for it. */
const MUCH = 24 << 20;

let near: Stream;
let source: Stream;
let destination: Stream;
let far: Stream;

beforeEach(async () => {
  ({ ours: near, theirs: source } = await pair());
  ({ ours: destination, theirs: far } = await pair());
});

/** Lets a pipe run into a destination that is full: some has been taken and cannot be delivered. */
async function stuck(length: number, o?: { signal: AbortSignal }) {
  // So much fills it by itself.
  const taken = length > MUCH / 2 ? 0 : fill(destination);
  const bytes = pattern(length);
  const writing = near.write(bytes).then(
    () => near.shutdown(),
    () => undefined,
  );
  const piping = source.pipeTo(destination, o);
  piping.catch(() => undefined);
  while (source.bytesRead === destination.bytesWritten - taken) {
    expect(await isPending(piping)).toBe(true);
  }
  return { taken, bytes, writing, piping };
}

/** What arrives at the far end, and what is left at the source, after a blocked `pipeTo`. */
async function whereItWent({ taken, writing }: { taken: number; writing: Promise<unknown> }) {
  const rest = readAll(source);
  await writing;
  const left = await rest;
  const closing = destination.close();
  const delivered = (await readAll(far)).subarray(taken);
  await closing;
  return Buffer.concat([delivered, left]);
}

describe.each([
  ['a little, which is copied', 10_000],
  ['much, which is in a pipe', MUCH],
])('when the destination is full, with %s', (_, length) => {
  test('an abort takes effect at once, and loses nothing', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const state = await stuck(length, { signal: controller.signal });
    controller.abort(reason);
    expect(await rejection(state.piping)).toBe(reason);
    expect((await whereItWent(state)).equals(state.bytes)).toBe(true);
  });

  test('closing it rejects at once; what was not delivered can be read', async () => {
    const state = await stuck(length);
    const behind = destination.write('behind');
    const closing = destination.close();
    expect(await rejection(state.piping)).toMatchObject(closed);
    const rest = readAll(source);
    const received = (await readAll(far)).subarray(state.taken);
    await Promise.all([behind, closing, state.writing]);
    // Earlier writes of others are sent before it is closed.
    const delivered = received.subarray(0, -6);
    expect(received.subarray(-6).toString()).toBe('behind');
    expect(Buffer.concat([delivered, await rest]).equals(state.bytes)).toBe(true);
  });

  test('destroying it rejects with the reason', async () => {
    const state = await stuck(length);
    const reason = new Error('gone');
    destination.destroy(reason);
    expect(await rejection(state.piping)).toBe(reason);
    expect(source.closed).toBe(false);
    expect(await readAll(source)).not.toHaveLength(0);
    await state.writing;
  });

  test('a reset of it is its error, and the source stays as it is', async () => {
    const state = await stuck(length);
    far.destroy();
    expect(await rejection(state.piping)).toMatchObject({ code: RESET, fd: destination.fd });
    expect([source.closed, destination.closed]).toEqual([false, false]);
    const { bytes } = state;
    const rest = await readAll(source);
    expect(bytes.subarray(bytes.length - rest.length).equals(rest)).toBe(true);
    expect(rest.length).toBeGreaterThan(0);
    await state.writing;
  });

  test('closing the source rejects at once, and the destination goes on', async () => {
    const state = await stuck(length);
    const behind = destination.write('behind');
    const closing = source.close();
    expect(await rejection(state.piping)).toMatchObject(closed);
    await closing;
    const received = readAll(far);
    await behind;
    await destination.close();
    expect((await received).subarray(-6).toString()).toBe('behind');
    await state.writing;
  });
});

describe('an abort', () => {
  test('before it begins has no effect', async () => {
    const reason = new Error('never');
    const piping = source.pipeTo(destination, { signal: AbortSignal.abort(reason) });
    expect(await rejection(piping)).toBe(reason);
    await near.write('x');
    expect(await source.read(Buffer.alloc(1))).toBe(1);
  });

  test('while it waits leaves both streams to others', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const piping = source.pipeTo(destination, { signal });
    await near.write('piped');
    await readBytes(far, 5);
    const behind = destination.write(' behind');
    controller.abort();
    expect(await rejection(piping)).toMatchObject({ name: 'AbortError' });
    await behind;
    await near.write('x');
    expect((await readBytes(source, 1)).toString()).toBe('x');
    expect((await readBytes(far, 7)).toString()).toBe(' behind');
    expect(await source.pipeTo(source, { signal }).catch(() => 'rejected')).toBe('rejected');
  });

  test('while the writes behind it go out leaves the destination open', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const piping = source.pipeTo(destination, { signal: controller.signal });
    const behind = destination.write(Buffer.alloc(MUCH));
    await near.shutdown();
    while (destination.bytesWritten === 0) expect(await isPending(piping)).toBe(true);
    controller.abort(reason);
    expect(await rejection(piping)).toBe(reason);
    const reading = readBytes(far, MUCH + 4);
    await behind;
    await destination.write('more');
    expect((await reading).subarray(MUCH).toString()).toBe('more');
  });

  test('between the end and the writes behind it leaves nobody to hear that those fail', async () => {
    const { ours, theirs } = await pair();
    const controller = new AbortController();
    const reason = new Error('enough');
    // Continues in the same wake-up as the pipe, and before it.
    const aborting = theirs.read(Buffer.alloc(1)).then(() => {
      controller.abort(reason);
    });
    const piping = source.pipeTo(destination, { signal: controller.signal });
    const behind = rejection(destination.write(Buffer.alloc(MUCH)));
    expect(await isPending(piping)).toBe(true);
    // An unhandled rejection fails the run.
    await Promise.all([ours.write('x'), near.shutdown()]);
    await aborting;
    expect(await rejection(piping)).toBe(reason);
    destination.destroy();
    expect(await behind).toMatchObject(closed);
  });

  test('while it waits for its turn takes nothing', async () => {
    const controller = new AbortController();
    const taken = fill(destination);
    const before = destination.write('before');
    const piping = source.pipeTo(destination, { signal: controller.signal });
    const behind = destination.write(' behind');
    await near.write('stays');
    controller.abort();
    expect(await rejection(piping)).toMatchObject({ name: 'AbortError' });
    expect((await readBytes(far, taken + 13)).subarray(taken).toString()).toBe('before behind');
    await Promise.all([before, behind]);
    expect((await readBytes(source, 5)).toString()).toBe('stays');
  });

  test('when it is over changes nothing', async () => {
    const controller = new AbortController();
    const piping = source.pipeTo(destination, { signal: controller.signal, end: false });
    await near.close();
    expect(await piping).toBe(0);
    controller.abort();
    await destination.write('x');
    expect((await readBytes(far, 1)).toString()).toBe('x');
  });
});

describe('a failure', () => {
  test('of the source is its error, after what came before was delivered', async () => {
    const piping = source.pipeTo(destination);
    piping.catch(() => undefined);
    const bytes = pattern(200_000);
    const reading = readBytes(far, bytes.length);
    await near.write(bytes);
    expect((await reading).equals(bytes)).toBe(true);
    descriptors.resetOnClose(near.fd);
    near.destroy();
    expect(await rejection(piping)).toMatchObject({ code: 'ECONNRESET', fd: source.fd });
    expect([source.closed, destination.closed]).toEqual([false, false]);
    // The end was not sent: the other side would take what it has for everything.
    await destination.write('x');
    expect((await readBytes(far, 1)).toString()).toBe('x');
  });

  test('of the source is its error also where a write to it was told first', async () => {
    const piping = source.pipeTo(destination);
    piping.catch(() => undefined);
    const reading = readBytes(far, 200_000);
    await near.write(pattern(200_000));
    await reading;
    descriptors.resetOnClose(near.fd);
    near.destroy();
    expect(() => writeUntilTold(source)).toThrow(expect.objectContaining({ code: RESET }));
    expect(await rejection(piping)).toMatchObject({ code: 'ECONNRESET', fd: source.fd });
    await destination.write('x');
    expect((await readBytes(far, 1)).toString()).toBe('x');
  });

  test('of a destination that has been shut down is EPIPE', async () => {
    await destination.shutdown();
    const piping = source.pipeTo(destination);
    await near.write('x');
    expect(await rejection(piping)).toMatchObject({ code: 'EPIPE', fd: destination.fd });
    expect((await readBytes(source, 1)).toString()).toBe('x');
  });

  test('of the destination rejects the writes behind it as well', async () => {
    const state = await stuck(MUCH);
    const behind = rejection(destination.write('behind'));
    far.destroy();
    await rejection(state.piping);
    expect(await behind).toMatchObject({ code: RESET });
    source.destroy();
    await state.writing;
  });
});

// Other systems copy, and have none.
describe.runIf(process.platform === 'linux')('the pipe of splice(2)', () => {
  test.each(['before', 'while bytes are in the pipe'] as const)(
    'is replaced by copying when the process forbids itself splice(2): %s',
    async (when) => {
      const outcome = await inChild(
        async ({ net, descriptors }, [refusal, early]: [number, boolean]) => {
          const pair = (): import('../../lib/net').Stream[] =>
            descriptors.socketPair(true).map((fd) => net.Stream.fromFd(fd));
          const [client, source] = pair();
          const [destination, server] = pair();
          const sent = Buffer.from(Array.from({ length: 2 ** 20 }, (_, at) => at % 251));
          const writing = client.write(sent).then(() => client.shutdown());
          if (early) descriptors.refuse('splice', refusal);
          const moving = source.pipeTo(destination);
          for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next));
          if (!early) descriptors.refuse('splice', refusal);
          const received = await server.readAll({ limit: sent.length });
          await writing;
          return { moved: await moving, same: received.equals(sent) };
        },
        { argument: [constants.errno.EPERM, when === 'before'] },
      );
      const result = { moved: 2 ** 20, same: true };
      expect(outcome).toEqual({ code: 0, signal: null, late: false, stderr: '', result });
    },
  );

  test('is closed when nobody needs it any more', async () => {
    const before = openDescriptors().length;
    const state = await stuck(MUCH);
    expect(openDescriptors()).toHaveLength(before + 2);
    destination.destroy();
    await rejection(state.piping);
    expect(openDescriptors()).toHaveLength(before - 1);
    source.destroy();
    await state.writing;
  });
});
