import { readSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PRIORITY, READABLE, WRITABLE } from '../../lib/index';
import { close, descriptors, pipe, socketPair, tcpPair } from '../support/descriptors';
import { delivered, isSettled, perTest } from './turns';

const given = perTest();

/** Writes until the kernel accepts no more. */
function fill(fd: number): void {
  const bytes = Buffer.alloc(65536);
  try {
    for (;;) writeSync(fd, bytes);
  } catch (error) {
    expect(error).toMatchObject({ code: 'EAGAIN' });
  }
}

function drain(fd: number): void {
  const bytes = Buffer.alloc(65536);
  try {
    while (readSync(fd, bytes) > 0);
  } catch (error) {
    expect(error).toMatchObject({ code: 'EAGAIN' });
  }
}

describe('readable and writable', () => {
  test('readable resolves when data arrives', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    const waiting = reactor.readable(reader);
    expect(reactor.statistics()).toMatchObject({ waiting: 1, armed: 1 });
    expect(await isSettled(waiting)).toBe(false);
    writeSync(writer, 'x');
    await expect(waiting).resolves.toBeUndefined();
    expect(reactor.statistics().waiting).toBe(0);
  });

  test('readable resolves for data that was there before', async () => {
    const [reader, writer] = pipe();
    writeSync(writer, 'x');
    await given.reactor.readable(reader);
    // It has not been read, so it is still readable.
    await given.reactor.readable(reader);
  });

  test('writable resolves when there is room again', async () => {
    const [reader, writer] = pipe();
    fill(writer);
    const waiting = given.reactor.writable(writer);
    expect(await isSettled(waiting)).toBe(false);
    drain(reader);
    await waiting;
  });

  test('all who wait for one direction are told, in the order in which they came', async () => {
    const [reader, writer] = pipe();
    const told: number[] = [];
    const waiting = [1, 2, 3, 4].map((n) =>
      given.reactor.readable(reader).then(() => told.push(n)),
    );
    expect(given.reactor.statistics()).toMatchObject({ waiting: 4, armed: 1 });
    writeSync(writer, 'x');
    await Promise.all(waiting);
    expect(told).toEqual([1, 2, 3, 4]);
  });

  test('who stays waiting keeps the place in the order', async () => {
    const { reactor } = given;
    const [ours, theirs] = socketPair();
    fill(ours);
    const told: string[] = [];
    const writers = ['a', 'b', 'c'].flatMap((name) => [
      reactor.writable(ours).then(() => told.push(name)),
      reactor.readable(ours).then(() => told.push('reader')),
    ]);
    writeSync(theirs, 'x');
    await delivered(reactor);
    expect(told).toEqual(['reader', 'reader', 'reader']);
    drain(theirs);
    await Promise.all(writers);
    expect(told.slice(3)).toEqual(['a', 'b', 'c']);
  });

  test('both directions of a descriptor share its registration, and are told apart', async () => {
    const { reactor } = given;
    const [ours, theirs] = socketPair();
    fill(ours);
    const read = reactor.readable(ours);
    const write = reactor.writable(ours);
    expect(reactor.statistics()).toMatchObject({ waiting: 2, armed: 1 });
    writeSync(theirs, 'x');
    await read;
    expect(await isSettled(write)).toBe(false);
    drain(theirs);
    await write;
  });

  test('more descriptors than one batch holds are all told', async () => {
    const sockets = Array.from({ length: 750 }, () => socketPair()).flat();
    const waiting = sockets.map((fd) => given.reactor.readable(fd));
    expect(given.reactor.statistics()).toMatchObject({ waiting: 1500, armed: 1500 });
    for (const fd of sockets) writeSync(fd, 'x');
    await Promise.all(waiting);
    expect(given.reactor.statistics()).toMatchObject({ waiting: 0 });
  });

  test('what is ready and nobody waits for is disarmed at the next report', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    writeSync(writer, 'x');
    await reactor.readable(reader);
    expect(reactor.statistics().armed).toBe(1);
    await delivered(reactor);
    expect(reactor.statistics().armed).toBe(0);
    await reactor.readable(reader);
  });
});

describe('ready', () => {
  test('tells what is ready, of what was asked for', async () => {
    const [ours, theirs] = socketPair();
    const { reactor } = given;
    expect(await reactor.ready(ours, READABLE | WRITABLE)).toEqual({
      readable: false,
      writable: true,
      priority: false,
      hangup: false,
      error: false,
    });
    writeSync(theirs, 'x');
    expect(await reactor.ready(ours, READABLE | WRITABLE)).toMatchObject({
      readable: true,
      writable: true,
    });
  });

  test('answers with the same frozen object for the same readiness', async () => {
    const [ours] = socketPair();
    const [others] = socketPair();
    const first = await given.reactor.ready(ours, WRITABLE);
    expect(Object.isFrozen(first)).toBe(true);
    expect(await given.reactor.ready(others, WRITABLE)).toBe(first);
  });

  test('tells of the end together with the data before it', async () => {
    const [ours, theirs] = socketPair();
    writeSync(theirs, 'last words');
    close(theirs);
    expect(await given.reactor.ready(ours, READABLE)).toMatchObject({
      readable: true,
      hangup: true,
    });
    const bytes = Buffer.alloc(20);
    expect(bytes.toString('utf8', 0, readSync(ours, bytes))).toBe('last words');
  });

  test('tells a reader that the peer has shut down its sending side', async () => {
    const [ours, theirs] = tcpPair();
    const waiting = given.reactor.ready(ours, READABLE);
    descriptors.shutdown(theirs, 1);
    expect(await waiting).toMatchObject({ readable: true, hangup: true, error: false });
  });

  test('a hang-up wakes who waits to write', async () => {
    const [ours, theirs] = socketPair();
    fill(ours);
    const waiting = given.reactor.ready(ours, WRITABLE);
    close(theirs);
    expect(await waiting).toMatchObject({ writable: true, hangup: true });
  });

  test('a pipe without readers wakes who waits to write, with an error', async () => {
    const [reader, writer] = pipe();
    fill(writer);
    const waiting = given.reactor.ready(writer, WRITABLE);
    close(reader);
    expect(await waiting).toMatchObject({ writable: true, error: true });
  });
});

describe('priority', () => {
  test('resolves for urgent data, not for other data, and does not imply readable', async () => {
    const [ours, theirs] = tcpPair();
    const waiting = given.reactor.ready(ours, PRIORITY);
    descriptors.sendUrgent(theirs);
    expect(await waiting).toMatchObject({ priority: true, readable: false });
  });

  test('other data leaves who waits for it waiting', async () => {
    const { reactor } = given;
    const [ours, theirs] = tcpPair();
    const waiting = reactor.priority(ours);
    const read = reactor.readable(ours);
    writeSync(theirs, 'x');
    await read;
    expect(await isSettled(waiting)).toBe(false);
    descriptors.sendUrgent(theirs);
    await waiting;
  });

  test('a hang-up ends the wait for it', async () => {
    const [ours, theirs] = socketPair();
    const waiting = given.reactor.ready(ours, PRIORITY);
    close(theirs);
    expect(await waiting).toMatchObject({ hangup: true });
  });
});
