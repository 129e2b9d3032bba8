import { openSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  poll,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
  POLLRDNORM,
  POLLWRNORM,
} from '../../lib/select';
import { inChild, type Tools } from '../support/child';
import { close, descriptors, dup, owned, pipe, socketPair, tcpPair } from '../support/descriptors';

const NOW = { timeout: 0 };
const isMac = process.platform === 'darwin';

/** In a child: waits while a signal arrives every few milliseconds. */
function waitUnderFire({ select, descriptors }: Tools) {
  process.on('SIGALRM', () => undefined);
  descriptors.interruptEvery(2);
  const start = performance.now();
  const ready = select.poll([], { timeout: 20.5 });
  const elapsed = performance.now() - start;
  descriptors.interruptEvery(0);
  return { ready, elapsed };
}

describe('poll', () => {
  test('tells what is ready of what was asked for', () => {
    const [socket, peer] = socketPair();
    const [idle] = pipe();
    writeSync(peer, 'x');
    const entries = [
      { source: idle, events: POLLIN },
      { source: socket, events: POLLIN | POLLOUT },
    ];
    expect(poll(entries, NOW)).toEqual([{ source: socket, revents: POLLIN | POLLOUT }]);
    expect(poll([{ source: socket, events: POLLIN }], NOW)).toEqual([
      { source: socket, revents: POLLIN },
    ]);
  });

  test('asked for nothing, tells of errors and hang-ups alone', () => {
    const [reader, writer] = pipe();
    expect(poll([{ source: reader, events: 0 }], NOW)).toEqual([]);
    close(writer);
    expect(poll([{ source: reader, events: 0 }], NOW)).toEqual([
      { source: reader, revents: POLLHUP },
    ]);
  });

  test('tells POLLERR, or POLLHUP, to the writer whose reader has gone', () => {
    const [reader, writer] = pipe();
    close(reader);
    const ready = poll([{ source: writer, events: POLLOUT }], NOW);
    expect(ready).toMatchObject([{ source: writer }]);
    if (process.platform === 'linux') expect(ready[0].revents).toBe(POLLOUT | POLLERR);
    else expect(ready[0].revents & POLLHUP).toBe(POLLHUP);
  });

  test('tells POLLNVAL of a descriptor that is not open, beside what others have', () => {
    const [closed] = pipe();
    const [, writer] = pipe();
    close(closed);
    const entries = [
      { source: closed, events: POLLIN },
      { source: writer, events: POLLOUT },
    ];
    expect(poll(entries, NOW)).toEqual([
      { source: closed, revents: POLLNVAL },
      { source: writer, revents: POLLOUT },
    ]);
  });

  // macOS does not report it at all.
  test.runIf(!isMac)('tells POLLPRI of urgent data', () => {
    const [socket, peer] = tcpPair();
    descriptors.sendUrgent(peer);
    expect(poll([{ source: socket, events: POLLIN | POLLPRI }], { timeout: 5000 })).toEqual([
      { source: socket, revents: POLLPRI },
    ]);
  });

  test.runIf(POLLRDHUP !== 0)('tells POLLRDHUP of a peer that will send no more', () => {
    const [socket, peer] = socketPair();
    descriptors.shutdown(peer, 1);
    expect(poll([{ source: socket, events: POLLRDHUP }], NOW)).toEqual([
      { source: socket, revents: POLLRDHUP },
    ]);
  });

  test('tells the other names of readable and writable when they are asked for', () => {
    const [socket, peer] = socketPair();
    writeSync(peer, 'x');
    expect(poll([{ source: socket, events: POLLRDNORM | POLLWRNORM }], NOW)).toEqual([
      { source: socket, revents: POLLRDNORM | POLLWRNORM },
    ]);
  });

  test('calls a regular file ready, always', () => {
    const [file] = owned([openSync(__filename, 'r')]);
    expect(poll([{ source: file, events: POLLIN | POLLOUT }], NOW)).toEqual([
      { source: file, revents: POLLIN | POLLOUT },
    ]);
  });

  // On macOS all entries of one descriptor are one, of which the last is told.
  test.runIf(!isMac)('hands back the sources as they were given, each for its own entry', () => {
    const [socket, peer] = socketPair();
    writeSync(peer, 'x');
    const source = { fd: socket, name: 'a socket' };
    const ready = poll(
      new Set([
        { source, events: POLLIN },
        { source: socket, events: POLLOUT },
        { source, events: POLLPRI },
      ]),
      NOW,
    );
    expect(ready).toEqual([
      { source, revents: POLLIN },
      { source: socket, revents: POLLOUT },
    ]);
    expect(ready[0].source).toBe(source);
  });

  test('takes more descriptors, and higher ones, than select can', () => {
    const [, writer] = pipe();
    const [high] = owned([descriptors.dupAbove(writer, 1024)]);
    const entries = Array.from({ length: 1500 }, () => ({ source: dup(high), events: POLLOUT }));
    expect(poll(entries, NOW)).toHaveLength(1500);
  });

  test('refuses what is no list, no entry, no mask and no timeout', () => {
    const [reader] = pipe();
    const type = expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' });
    const range = expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' });
    const call = (entries: unknown, o: unknown) => () =>
      poll(entries as { source: number; events: number }[], o as { timeout: number });
    expect(call(undefined, NOW)).toThrow(type);
    expect(call([reader], NOW)).toThrow(type);
    expect(call([null], NOW)).toThrow(type);
    expect(call([{ source: reader }], NOW)).toThrow(type);
    expect(call([{ source: reader, events: -1 }], NOW)).toThrow(range);
    expect(call([{ source: reader, events: 2 ** 15 }], NOW)).toThrow(range);
    expect(call([{ source: reader, events: 0.5 }], NOW)).toThrow(range);
    expect(call([{ source: -1, events: 0 }], NOW)).toThrow(range);
    expect(call([], { timeout: -2 })).toThrow(range);
    expect(call([], true)).toThrow(type);
  });

  test.each([0.001, 0.9, 1, 1.1, 3])('waits %d ms and never less', (timeout) => {
    const [reader] = pipe();
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      expect(poll([{ source: reader, events: POLLIN }], { timeout })).toEqual([]);
      expect(performance.now() - start).toBeGreaterThanOrEqual(timeout);
    }
  });

  test('of nothing waits as well', () => {
    const start = performance.now();
    expect(poll([], { timeout: 2 })).toEqual([]);
    expect(performance.now() - start).toBeGreaterThanOrEqual(2);
  });

  test('goes on with the time that is left after a signal', async () => {
    const { code, result } = await inChild(waitUnderFire);
    expect(code).toBe(0);
    expect(result).toMatchObject({ ready: [] });
    expect((result as { elapsed: number }).elapsed).toBeGreaterThanOrEqual(20.5);
  });
});
