import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { READABLE } from '../../lib/index';
import { pipe, socketPair } from '../support/descriptors';
import { perTest, turn } from './turns';

// Descriptors that are always ready, the worst case for the rest of the loop.

const given = perTest();
const READY = 100;
/** The most events of one wake-up: kMaxEventsPerWake in native/binding, exceeded by up to a batch. */
const MOST_PER_TURN = 256 + 1024;

/** Calls back for every event of READY descriptors that are always ready. Returns a function to stop it. */
const sources: Record<string, (onEvent: () => void) => () => void> = {
  callbacks: (onEvent) => {
    const registrations = alwaysReady().map((fd) => given.reactor.register(fd, READABLE, onEvent));
    return () => {
      for (const registration of registrations) registration.close();
    };
  },
  promises: (onEvent) => {
    let going = true;
    const wait = async (fd: number): Promise<void> => {
      while (going) {
        await given.reactor.readable(fd);
        onEvent();
      }
    };
    const waiting = alwaysReady().map(wait);
    stopped.push(Promise.all(waiting));
    return () => {
      going = false;
    };
  },
};
const stopped: Promise<unknown>[] = [];

function alwaysReady(): number[] {
  const sockets = Array.from({ length: READY / 2 }, () => socketPair()).flat();
  for (const fd of sockets) writeSync(fd, 'x');
  return sockets;
}

afterEach(async () => {
  await Promise.all(stopped.splice(0));
});

describe.each(Object.keys(sources))('always-ready descriptors with %s', (kind) => {
  test('leave the event loop a turn after a bounded number of events', async () => {
    let events = 0;
    const stop = sources[kind](() => events++);
    let most = 0;
    while (events < 10_000) {
      const before = events;
      await turn();
      most = Math.max(most, events - before);
    }
    stop();
    expect(most).toBeLessThanOrEqual(MOST_PER_TURN);
  });

  test('do not starve timers', async () => {
    let events = 0;
    const stop = sources[kind](() => events++);
    while (events === 0) await turn();
    let ticks = 0;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (++ticks < 20) return;
        clearInterval(timer);
        resolve();
      }, 1);
    });
    stop();
    expect(events).toBeGreaterThan(20);
  });

  test('do not starve the file system and other handles of libuv', async () => {
    let events = 0;
    const stop = sources[kind](() => events++);
    while (events === 0) await turn();
    const before = events;
    for (let i = 0; i < 20; i++) expect((await stat(__filename)).isFile()).toBe(true);
    const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    for (let i = 0; i < 20; i++) {
      socket.write(`message ${i}`);
      const [data] = (await once(socket, 'data')) as [Buffer];
      expect(data.toString()).toBe(`message ${i}`);
    }
    socket.destroy();
    server.close();
    await once(server, 'close');
    // They do not starve either; how many there are depends on the scheduler.
    while (events === before) await turn();
    stop();
  });

  test('do not starve one that becomes ready among them', async () => {
    const stop = sources[kind](() => undefined);
    for (let i = 0; i < 20; i++) {
      const [reader, writer] = pipe();
      const waiting = given.reactor.readable(reader);
      await turn();
      writeSync(writer, 'x');
      await waiting;
    }
    stop();
  });
});

test('more descriptors than a batch holds are served in turn, none twice before the last', async () => {
  const { reactor } = given;
  const sockets = Array.from({ length: 1500 / 2 }, () => socketPair()).flat();
  for (const fd of sockets) writeSync(fd, 'x');
  const calls = new Map(sockets.map((fd) => [fd, 0]));
  const registrations = sockets.map((fd) =>
    reactor.register(fd, READABLE, () => calls.set(fd, (calls.get(fd) ?? 0) + 1)),
  );
  while (Math.max(...calls.values()) < 5) await turn();
  for (const registration of registrations) registration.close();
  const counts = [...calls.values()];
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
});
