import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Stream } from '../../lib/net';
import { descriptors, openDescriptors } from '../support/descriptors';
import { tracked } from '../support/opened';
import { fromNode, pair, pattern, readAll, readBytes, toNode } from './peers';
import { fill, isPending, rejection, tinyBuffer } from './pressure';

/** `near` sends what the source of a pipe receives, `far` receives what its destination sends. */
async function proxied(): Promise<Record<'near' | 'source' | 'destination' | 'far', Stream>> {
  const [first, second] = [await pair(), await pair()];
  return {
    near: first.ours,
    source: first.theirs,
    destination: second.ours,
    far: second.theirs,
  };
}

/** So much that no buffer of the kernel has room for it. */
const LARGE = 24 << 20;

describe('pipeTo', () => {
  test('hands on what comes, then the end, and says how much it was', async () => {
    const { near, source, destination, far } = await proxied();
    const piping = source.pipeTo(destination);
    await near.write('hello ');
    expect((await readBytes(far, 6)).toString()).toBe('hello ');
    await near.write('world');
    await near.shutdown();
    expect((await readAll(far)).toString()).toBe('world');
    expect(await piping).toBe(11);
    expect(source.bytesRead).toBe(11);
    expect(destination.bytesWritten).toBe(11);
    // The other direction is open still.
    await far.write('back');
    expect((await readBytes(destination, 4)).toString()).toBe('back');
  });

  test.each([1, 65_535, 65_536, 65_537, 300_000, LARGE])('hands on %i bytes', async (length) => {
    const { near, source, destination, far } = await proxied();
    const bytes = pattern(length);
    const piping = source.pipeTo(destination);
    const reading = readAll(far);
    await near.write(bytes);
    await near.close();
    expect((await reading).equals(bytes)).toBe(true);
    expect(await piping).toBe(length);
    expect(destination.bytesWritten).toBe(length);
  });

  test('leaves the destination open with `end: false`', async () => {
    const { near, source, destination, far } = await proxied();
    await near.write('one');
    await near.close();
    expect(await source.pipeTo(destination, { end: false })).toBe(3);
    await destination.write('two');
    expect((await readBytes(far, 6)).toString()).toBe('onetwo');
  });

  test('hands on what was received before, first', async () => {
    const { near, source, destination, far } = await proxied();
    await near.write('a line\nand more');
    expect(await source.readLine()).toBe('a line');
    const piping = source.pipeTo(destination);
    await near.close();
    expect((await readAll(far)).toString()).toBe('and more');
    expect(await piping).toBe(8);
  });

  test('to itself is an echo', async () => {
    const { ours, theirs } = await pair();
    const bytes = pattern(1 << 20);
    const piping = theirs.pipeTo(theirs);
    const reading = readAll(ours);
    await ours.write(bytes);
    await ours.shutdown();
    expect((await reading).equals(bytes)).toBe(true);
    expect(await piping).toBe(bytes.length);
  });

  test('arrives through buffers that are far too small', async () => {
    const { near, source, destination, far } = await proxied();
    for (const stream of [near, destination]) tinyBuffer(stream);
    const bytes = pattern(1 << 20);
    const piping = source.pipeTo(destination);
    const reading = readAll(far);
    await near.write(bytes);
    await near.close();
    expect((await reading).equals(bytes)).toBe(true);
    expect(await piping).toBe(bytes.length);
  });

  test('takes no more from the source than the destination does', async () => {
    const { near, source, destination, far } = await proxied();
    const piping = source.pipeTo(destination);
    const bytes = pattern(LARGE);
    const writing = near.write(bytes);
    // Nobody reads at the other end: all buffers fill up, and ours is the pipe.
    while (source.bytesRead === destination.bytesWritten) {
      expect(await isPending(piping)).toBe(true);
    }
    const taken = source.bytesRead;
    expect(taken - destination.bytesWritten).toBeLessThanOrEqual(262_144);
    for (let turn = 0; turn < 20; turn++) expect(await isPending(writing)).toBe(true);
    expect(source.bytesRead).toBe(taken);
    const reading = readAll(far);
    await writing;
    await near.close();
    expect((await reading).equals(bytes)).toBe(true);
    expect(await piping).toBe(LARGE);
  });

  test('goes past urgent data, which is not handed on, to what stands behind it', async () => {
    const { near, source, destination, far } = await proxied();
    const piping = source.pipeTo(destination);
    const bytes = pattern(400_000);
    const reading = readBytes(far, bytes.length);
    await near.write(bytes);
    expect((await reading).equals(bytes)).toBe(true);
    descriptors.sendUrgent(near.fd);
    await near.write('behind');
    expect((await readBytes(far, 6)).toString()).toBe('behind');
    await near.close();
    expect(await piping).toBe(400_006);
  });

  test('goes past urgent data that is there before it begins, with the end', async () => {
    const { near, source, destination, far } = await proxied();
    descriptors.setBuffer(source.fd, false, 1 << 20);
    const bytes = pattern(65_536);
    await near.write(bytes);
    descriptors.sendUrgent(near.fd);
    await near.write('behind');
    await near.close();
    const piping = source.pipeTo(destination);
    const received = await readAll(far);
    expect(received.subarray(bytes.length).toString()).toBe('behind');
    expect(await piping).toBe(65_542);
  });

  test('waits for the writes before it, and those after it wait for it', async () => {
    const { near, source, destination, far } = await proxied();
    const taken = fill(destination);
    const first = destination.write('first ');
    const piping = source.pipeTo(destination);
    const behind = destination.write(' behind');
    await near.write('piped');
    expect(await isPending(Promise.race([first, piping, behind]))).toBe(true);
    expect(() => destination.tryWrite('x')).toThrow(expect.objectContaining({ code: 'ERR_BUSY' }));
    expect((await readBytes(far, taken + 11)).subarray(taken).toString()).toBe('first piped');
    await first;
    expect(await isPending(behind)).toBe(true);
    await near.close();
    // Everything that was written is sent before the end.
    expect((await readAll(far)).toString()).toBe(' behind');
    await Promise.all([piping, behind]);
  });

  test('has the reads of its source for itself, until it is over', async () => {
    const { near, source, destination } = await proxied();
    const busy = { code: 'ERR_BUSY' };
    const reading = source.read(Buffer.alloc(1));
    expect(await rejection(source.pipeTo(destination))).toMatchObject(busy);
    await near.write('x');
    await reading;
    const piping = source.pipeTo(destination);
    expect(await rejection(source.read(Buffer.alloc(1)))).toMatchObject(busy);
    expect(await rejection(source.readLine())).toMatchObject(busy);
    expect(await rejection(source.pipeTo(destination))).toMatchObject(busy);
    expect(() => source.tryRead(Buffer.alloc(1))).toThrow(expect.objectContaining(busy));
    await near.close();
    expect(await piping).toBe(0);
    expect(await source.readSome()).toBeNull();
  });

  test('refuses what is no stream, and what is no option', async () => {
    const { source, destination, far } = await proxied();
    const wrong: [unknown, unknown][] = [
      [undefined, undefined],
      [{ fd: destination.fd }, undefined],
      [destination, { end: 1 }],
      [destination, { signal: {} }],
      [destination, 5],
    ];
    for (const [to, o] of wrong) {
      const error = await rejection(source.pipeTo(to as Stream, o as object));
      expect(error).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
    }
    await destination.close();
    expect(await rejection(source.pipeTo(destination))).toMatchObject({ code: 'ERR_CLOSED' });
    expect(await rejection(destination.pipeTo(source))).toMatchObject({ code: 'ERR_CLOSED' });
    expect(await readAll(far)).toHaveLength(0);
    expect(source.tryRead(Buffer.alloc(1))).toBe(-1);
  });

  test('copies when the process has no descriptors left for a pipe', async () => {
    const { near, source, destination, far } = await proxied();
    const bytes = pattern(LARGE);
    const limit = descriptors.limitDescriptors(openDescriptors().length);
    try {
      const piping = source.pipeTo(destination);
      const reading = readAll(far);
      await near.write(bytes);
      await near.close();
      expect((await reading).equals(bytes)).toBe(true);
      expect(await piping).toBe(LARGE);
    } finally {
      descriptors.limitDescriptors(limit);
    }
  });

  test('goes from one pipe into another, and ends it by closing it', async () => {
    const fds = [descriptors.pipe(), descriptors.pipe()].flat();
    const [source, near, far, destination] = fds.map((fd) => tracked(Stream.fromFd(fd)));
    const bytes = pattern(1 << 20);
    const piping = source.pipeTo(destination);
    const reading = readAll(far);
    await near.write(bytes);
    await near.close();
    expect((await reading).equals(bytes)).toBe(true);
    expect(await piping).toBe(bytes.length);
    expect(destination.closed).toBe(true);
  });
});

describe('pipeTo both ways', () => {
  test('joins two connections of node:net, half closes included', async () => {
    const client = await fromNode();
    const server = await toNode();
    const joining = Promise.all([
      client.stream.pipeTo(server.stream),
      server.stream.pipeTo(client.stream),
    ]);
    const question = pattern(500_000);
    const chunks: Buffer[] = [];
    server.socket.on('data', (chunk) => chunks.push(chunk));
    client.socket.end(question);
    await once(server.socket, 'end');
    expect(Buffer.concat(chunks).equals(question)).toBe(true);
    // The client has shut down its side, and still gets the answer.
    const answer = pattern(700_000).reverse();
    const answered: Buffer[] = [];
    client.socket.on('data', (chunk) => answered.push(chunk));
    server.socket.end(answer);
    await once(client.socket, 'end');
    expect(Buffer.concat(answered).equals(answer)).toBe(true);
    expect(await joining).toEqual([question.length, answer.length]);
  });

  test('lets messages pass each other', async () => {
    const { near, source, destination, far } = await proxied();
    const joining = Promise.all([source.pipeTo(destination), destination.pipeTo(source)]);
    for (let round = 0; round < 50; round++) {
      const message = pattern(1 + round * 3000);
      await Promise.all([near.write(message), far.write(message)]);
      const received = [readBytes(near, message.length), readBytes(far, message.length)];
      for (const bytes of await Promise.all(received)) expect(bytes.equals(message)).toBe(true);
    }
    await Promise.all([near.shutdown(), far.shutdown()]);
    const [one, other] = await joining;
    expect(one).toBe(other);
  });
});
