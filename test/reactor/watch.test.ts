import { readSync, writeSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { READABLE, type Readiness, WRITABLE } from '../../lib/index';
import { close, pipe, socketPair } from '../support/descriptors';
import { delivered, isSettled, perTest, turn } from './turns';

const given = perTest();

function readAll(fd: number): string {
  const bytes = Buffer.alloc(1024);
  return bytes.toString('latin1', 0, readSync(fd, bytes));
}

describe.each(['level', 'edge'] as const)('watch in mode %s', (mode) => {
  test('tells of what is ready, whenever it is asked for the next', async () => {
    const { reactor } = given;
    const [ours, theirs] = socketPair();
    const read: string[] = [];
    writeSync(theirs, '1');
    for await (const { readable, writable } of reactor.watch(ours, READABLE, { mode })) {
      expect({ readable, writable }).toEqual({ readable: true, writable: false });
      read.push(readAll(ours));
      if (read.length === 3) break;
      writeSync(theirs, String(read.length + 1));
    }
    expect(read).toEqual(['1', '2', '3']);
  });

  test('leaves nothing behind when the loop is left', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    writeSync(writer, 'x');
    for await (const readiness of reactor.watch(reader, READABLE, { mode })) {
      expect(readiness.readable).toBe(true);
      break;
    }
    await delivered(reactor);
    expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0, registrations: 0 });
  });

  test('leaves nothing behind when the loop throws', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    writeSync(writer, 'x');
    const failing = async (): Promise<void> => {
      for await (const readiness of reactor.watch(reader, READABLE, { mode })) {
        throw new Error(`readable: ${readiness.readable}`);
      }
    };
    await expect(failing()).rejects.toThrow('readable: true');
    await delivered(reactor);
    expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0, registrations: 0 });
  });

  test('tells everybody who asks for the next at once, and ends when it is left', async () => {
    const { reactor } = given;
    const [ours, theirs] = socketPair();
    const watch = reactor.watch(ours, READABLE, { mode });
    const told = [watch.next(), watch.next()];
    await turn();
    writeSync(theirs, '1');
    await delivered(reactor);
    readAll(ours);
    writeSync(theirs, '2');
    expect((await Promise.all(told)).map(({ done }) => done)).toEqual([false, false]);
    readAll(ours);
    const left = [watch.next(), watch.next()];
    await turn();
    await watch.return?.();
    for (const next of left) expect(await next).toEqual({ done: true, value: undefined });
    await delivered(reactor);
    expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0, registrations: 0 });
  });

  test('leaves nothing on a signal before it begins', () => {
    const { signal } = new AbortController();
    const listening = vi.spyOn(signal, 'addEventListener');
    given.reactor.watch(pipe()[0], READABLE, { mode, signal });
    expect(listening).not.toHaveBeenCalled();
  });

  test('tells of the end', async () => {
    const [ours, theirs] = socketPair();
    const next = given.reactor.watch(ours, READABLE, { mode }).next();
    close(theirs);
    expect((await next).value).toMatchObject({ readable: true, hangup: true });
  });

  test('throws ERR_CLOSED after notifyClosing, while it waits and when it goes on', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    const waiting = reactor.watch(reader, READABLE, { mode }).next();
    await turn();
    reactor.notifyClosing(reader);
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    writeSync(writer, 'x');
    const loop = async (): Promise<void> => {
      for await (const readiness of reactor.watch(reader, READABLE, { mode })) {
        expect(readiness.readable).toBe(true);
        reactor.notifyClosing(reader);
        close(reader);
      }
    };
    await expect(loop()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });

  test('throws the reason of its signal, and leaves nothing behind', async () => {
    const { reactor } = given;
    const [reader] = pipe();
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = reactor.watch(reader, READABLE, { mode, signal }).next();
    await turn();
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0, registrations: 0 });
    await expect(reactor.watch(reader, READABLE, { mode, signal }).next()).rejects.toBe(reason);
    expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0, registrations: 0 });
  });

  test('that is left while it waits has no more, and leaves nothing behind', async () => {
    const { reactor } = given;
    const [reader] = pipe();
    const iterator = reactor.watch(reader, READABLE, { mode });
    const waiting = iterator.next();
    await turn();
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0, registrations: 0 });
  });

  test('registers nothing before it is asked', async () => {
    const { reactor } = given;
    const [reader] = pipe();
    const iterator = reactor.watch(reader, READABLE, { mode });
    expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0, registrations: 0 });
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test('refuses what is not right at once', () => {
    const { reactor } = given;
    const [reader] = pipe();
    expect(() => reactor.watch(reader, 0, { mode })).toThrow(
      expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }),
    );
    expect(() => reactor.watch(reader, READABLE, { mode: 'oneshot' as 'edge' })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
    );
    expect(() => reactor.watch('x' as unknown as number, READABLE, { mode })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });
});

test('level tells again of what nobody has read', async () => {
  const [reader, writer] = pipe();
  writeSync(writer, 'x');
  let times = 0;
  for await (const { readable } of given.reactor.watch(reader, READABLE)) {
    expect(readable).toBe(true);
    if (++times === 3) break;
  }
});

test('edge does not tell again of what nobody has read', async () => {
  const { reactor } = given;
  const [reader, writer] = pipe();
  writeSync(writer, 'x');
  const iterator = reactor.watch(reader, READABLE, { mode: 'edge' });
  expect((await iterator.next()).value).toMatchObject({ readable: true });
  const next = iterator.next();
  await delivered(reactor);
  expect(await isSettled(next)).toBe(false);
  writeSync(writer, 'x');
  expect((await next).value).toMatchObject({ readable: true });
  await iterator.return?.();
});

test('edge loses nothing that arrives while the loop is busy with something else', async () => {
  const { reactor } = given;
  const [ours, theirs] = socketPair();
  const iterator = reactor.watch(ours, READABLE | WRITABLE, { mode: 'edge' });
  expect((await iterator.next()).value).toMatchObject({ writable: true, readable: false });
  writeSync(theirs, 'x');
  await delivered(reactor);
  close(theirs);
  await delivered(reactor);
  const told: (Readiness | undefined)[] = [(await iterator.next()).value];
  // Two edges have been merged, with the readiness of both.
  expect(told[0]).toMatchObject({ readable: true, hangup: true });
  const next = iterator.next();
  expect(await isSettled(next)).toBe(false);
  reactor.notifyClosing(ours);
  await expect(next).rejects.toMatchObject({ code: 'ERR_CLOSED' });
});
