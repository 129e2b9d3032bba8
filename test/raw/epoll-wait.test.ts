import { writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Epoll, EPOLLIN, EPOLLOUT } from '../../lib/epoll';
import { native } from '../../lib/native';
import { inChild, type Tools } from '../support/child';
import { dup, pipe } from '../support/descriptors';
import { inWorker, type Packages } from '../support/worker';

/** In a child: waits while a signal arrives every few milliseconds. */
function waitUnderFire({ epoll, descriptors }: Tools) {
  process.on('SIGALRM', () => undefined);
  const instance = new epoll.Epoll();
  descriptors.interruptEvery(2);
  const start = performance.now();
  const events = instance.wait({ timeout: 25.5 });
  const elapsed = performance.now() - start;
  descriptors.interruptEvery(0);
  return { events, elapsed };
}

/** In a Worker. */
function waitInWorker({ epoll }: Packages, reader: number) {
  const instance = new epoll.Epoll();
  instance.add(reader, epoll.EPOLLIN, 2 ** 40);
  const events = instance.wait({ timeout: 5000 });
  instance.close();
  return events;
}

describe.runIf(native.backend === 'epoll')('wait', () => {
  function shortest(timeout: number): number {
    using epoll = new Epoll();
    const lengths = Array.from({ length: 20 }, () => {
      const start = performance.now();
      expect(epoll.wait({ timeout })).toEqual([]);
      return performance.now() - start;
    });
    return Math.min(...lengths);
  }

  test.each([0.001, 0.05, 0.3, 0.999, 1, 1.7])('of %d ms is never early', (timeout) => {
    expect(shortest(timeout)).toBeGreaterThanOrEqual(timeout);
  });

  test('of a tenth of a millisecond does not last a whole one', () => {
    expect(shortest(0.1)).toBeLessThan(1);
  });

  test('of 0 asks and does not wait', () => {
    expect(shortest(0)).toBeLessThan(1);
  });

  test('goes on with the time that is left after a signal', async () => {
    const { code, result } = await inChild(waitUnderFire);
    expect(code).toBe(0);
    expect(result).toMatchObject({ events: [] });
    expect((result as { elapsed: number }).elapsed).toBeGreaterThanOrEqual(25.5);
  });

  test('reports at most `maxEvents`, and everybody in turn', () => {
    using epoll = new Epoll();
    const [, writer] = pipe();
    const fds = Array.from({ length: 9 }, () => dup(writer));
    for (const fd of fds) epoll.add(fd, EPOLLOUT);
    for (const maxEvents of [1, 5, 9]) {
      expect(epoll.wait({ timeout: 0, maxEvents })).toHaveLength(maxEvents);
    }
    const turns = fds.flatMap(() => epoll.wait({ timeout: 0, maxEvents: 1 }));
    expect(turns.map(({ data }) => data).sort((a, b) => a - b)).toEqual(fds);
  });

  test('reports 1024 events at most, the others the next time', () => {
    using epoll = new Epoll();
    const [, writer] = pipe();
    const fds = Array.from({ length: 1100 }, () => dup(writer));
    for (const fd of fds) epoll.add(fd, EPOLLOUT);
    const first = epoll.wait({ timeout: 0 });
    expect(first).toHaveLength(1024);
    const second = epoll.wait({ timeout: 0, maxEvents: 2 ** 31 - 1 });
    const seen = [...first, ...second].map(({ data }) => data);
    expect(new Set(seen)).toEqual(new Set(fds));
  });

  test('of one instance does not disturb what another has reported', () => {
    using one = new Epoll();
    using other = new Epoll();
    const [reader, writer] = pipe();
    writeSync(writer, 'x');
    one.add(reader, EPOLLIN, 1);
    other.add(reader, EPOLLIN, 2);
    const events = one.wait({ timeout: 0 });
    expect(other.wait({ timeout: 0 })).toEqual([{ events: EPOLLIN, data: 2 }]);
    expect(events).toEqual([{ events: EPOLLIN, data: 1 }]);
  });

  test('blocks a Worker while this thread goes on', async () => {
    const [reader, writer] = pipe();
    const waiting = inWorker(waitInWorker, reader);
    writeSync(writer, 'x');
    expect(await waiting).toEqual([{ events: EPOLLIN, data: 2 ** 40 }]);
  });

  test.each([
    [{ timeout: -0.5 }, 'ERR_OUT_OF_RANGE'],
    [{ timeout: NaN }, 'ERR_OUT_OF_RANGE'],
    [{ timeout: -Infinity }, 'ERR_OUT_OF_RANGE'],
    [{ timeout: '0' }, 'ERR_INVALID_ARG_TYPE'],
    [{ timeout: 0, maxEvents: 0 }, 'ERR_OUT_OF_RANGE'],
    [{ timeout: 0, maxEvents: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ timeout: 0, maxEvents: null }, 'ERR_INVALID_ARG_TYPE'],
    [{ timeout: 0, signal: AbortSignal.abort() }, 'ERR_INVALID_ARG_VALUE'],
    [null, 'ERR_INVALID_ARG_TYPE'],
  ])('does not take %o', (o, code) => {
    using epoll = new Epoll();
    expect(() => epoll.wait(o as { timeout: number })).toThrow(expect.objectContaining({ code }));
  });
});
