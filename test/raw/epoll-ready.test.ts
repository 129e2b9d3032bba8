import { readSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Epoll, EPOLLET, EPOLLIN, EPOLLONESHOT, EPOLLOUT } from '../../lib/epoll';
import { native } from '../../lib/native';
import { close, dup, pipe } from '../support/descriptors';
import { afterTurns, PENDING } from '../support/turns';
import { inWorker, type Packages } from '../support/worker';

/** In a Worker. */
async function readyInWorker(
  { epoll }: Packages,
  { reader, writer }: { reader: number; writer: number },
) {
  const instance = new epoll.Epoll();
  instance.add(reader, epoll.EPOLLIN);
  const waiting = instance.ready();
  process.getBuiltinModule('fs').writeSync(writer, 'x');
  const events = await waiting;
  instance.close();
  return events;
}

describe.runIf(native.backend === 'epoll')('ready', () => {
  test('resolves at once with what is ready already', async () => {
    using epoll = new Epoll();
    const [, writer] = pipe();
    epoll.add(writer, EPOLLOUT, 3);
    expect(await epoll.ready()).toEqual([{ events: EPOLLOUT, data: 3 }]);
  });

  test('resolves when something becomes ready, and not before', async () => {
    using epoll = new Epoll();
    const [reader, writer] = pipe();
    epoll.add(reader, EPOLLIN);
    for (let i = 0; i < 3; i++) {
      const waiting = epoll.ready();
      expect(await afterTurns(waiting)).toBe(PENDING);
      writeSync(writer, 'x');
      expect(await waiting).toEqual([{ events: EPOLLIN, data: reader }]);
      readSync(reader, Buffer.alloc(1));
    }
  });

  test('collects an edge once: of several who wait, one hears of it', async () => {
    using epoll = new Epoll();
    const [reader, writer] = pipe();
    epoll.add(reader, EPOLLIN | EPOLLET);
    const waiting = [epoll.ready(), epoll.ready()];
    writeSync(writer, 'x');
    expect(await Promise.race(waiting)).toEqual([{ events: EPOLLIN, data: reader }]);
    writeSync(writer, 'x');
    expect(await Promise.all(waiting)).toHaveLength(2);
  });

  test('sees what is added and armed while it waits', async () => {
    using epoll = new Epoll();
    const [, writer] = pipe();
    const first = epoll.ready();
    expect(await afterTurns(first)).toBe(PENDING);
    epoll.add(writer, EPOLLOUT | EPOLLONESHOT, 1);
    expect(await first).toEqual([{ events: EPOLLOUT, data: 1 }]);
    const second = epoll.ready();
    expect(await afterTurns(second)).toBe(PENDING);
    epoll.modify(writer, EPOLLOUT | EPOLLONESHOT, 2);
    expect(await second).toEqual([{ events: EPOLLOUT, data: 2 }]);
  });

  test('reports at most `maxEvents`, the others the next time', async () => {
    using epoll = new Epoll();
    const [, writer] = pipe();
    const fds = Array.from({ length: 5 }, () => dup(writer));
    for (const fd of fds) epoll.add(fd, EPOLLOUT);
    const seen = [];
    for (let i = 0; i < 5; i++) seen.push(...(await epoll.ready({ maxEvents: 1 })));
    expect(seen.map(({ data }) => data).sort((a, b) => a - b)).toEqual(fds);
  });

  test('rejects with the reason of the signal, before and while it waits', async () => {
    using epoll = new Epoll();
    const [reader, writer] = pipe();
    epoll.add(reader, EPOLLIN);
    const reason = new Error('no more');
    await expect(epoll.ready({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const aborted = epoll.ready({ signal: controller.signal });
    const other = epoll.ready();
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    writeSync(writer, 'x');
    expect(await other).toEqual([{ events: EPOLLIN, data: reader }]);
  });

  test('that is aborted in the turn of the event has taken none of it', async () => {
    using epoll = new Epoll();
    const [reader, writer] = pipe();
    epoll.add(reader, EPOLLIN | EPOLLET);
    const controller = new AbortController();
    const aborted = epoll.ready({ signal: controller.signal });
    writeSync(writer, 'x');
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    expect(await epoll.ready()).toEqual([{ events: EPOLLIN, data: reader }]);
  });

  test('rejects everybody with ERR_CLOSED when the instance is closed', async () => {
    const epoll = new Epoll();
    const [reader] = pipe();
    epoll.add(reader, EPOLLIN);
    const waiting = [epoll.ready(), epoll.ready({ signal: new AbortController().signal })];
    expect(await afterTurns(Promise.race(waiting))).toBe(PENDING);
    epoll.close();
    for (const promise of waiting) {
      await expect(promise).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    }
  });

  test('goes on after a descriptor that it watches was closed', async () => {
    using epoll = new Epoll();
    const [gone] = pipe();
    const [reader, writer] = pipe();
    epoll.add(gone, EPOLLIN);
    epoll.add(reader, EPOLLIN);
    const waiting = epoll.ready();
    close(gone);
    expect(await afterTurns(waiting)).toBe(PENDING);
    writeSync(writer, 'x');
    expect(await waiting).toEqual([{ events: EPOLLIN, data: reader }]);
  });

  test('works in a Worker', async () => {
    const [reader, writer] = pipe();
    expect(await inWorker(readyInWorker, { reader, writer })).toEqual([
      { events: EPOLLIN, data: reader },
    ]);
  });

  test.each([
    [{ maxEvents: 0 }, 'ERR_OUT_OF_RANGE'],
    [{ maxEvents: '1' }, 'ERR_INVALID_ARG_TYPE'],
    [{ signal: 1 }, 'ERR_INVALID_ARG_TYPE'],
    [5, 'ERR_INVALID_ARG_TYPE'],
  ])('does not take %o', async (o, code) => {
    using epoll = new Epoll();
    await expect(epoll.ready(o as { maxEvents: number })).rejects.toMatchObject({ code });
  });
});
