import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { connect } from '../../lib/net';
import { toDuplex } from '../../lib/node';
import { listening, pair, pattern } from '../io/peers';
import { tracked } from '../support/opened';
import { isOpen } from '../support/descriptors';
import { closed, recorded } from './duplex';

describe('toDuplex', () => {
  test('owns the descriptor, and closes it once', async () => {
    const { ours } = await pair();
    const { fd } = ours;
    const duplex = toDuplex(ours);
    await expect(ours.readSome()).rejects.toMatchObject({ code: 'ERR_BUSY' });
    expect(() => toDuplex(ours)).toThrow(expect.objectContaining({ code: 'ERR_BUSY' }));
    expect(isOpen(fd)).toBe(true);
    const closing = closed(duplex);
    duplex.destroy();
    expect(isOpen(fd)).toBe(false);
    // The next file with this number keeps it.
    const next = await pair();
    duplex.destroy();
    await closing;
    expect([next.ours, next.theirs].map((stream) => isOpen(stream.fd))).toEqual([true, true]);
  });

  test('closes when its stream is closed by somebody else', async () => {
    const { ours } = await pair();
    const duplex = toDuplex(ours);
    const events = recorded(duplex, 'error', 'close');
    const closing = closed(duplex);
    ours.destroy();
    await closing;
    expect(events).toEqual(['close false']);
  });

  test('closes then, too, when the other side has ended, whether or not that was read', async () => {
    for (const read of [true, false]) {
      const { ours, theirs } = await pair();
      const duplex = toDuplex(ours, { allowHalfOpen: true });
      const events = recorded(duplex, 'end', 'error', 'close');
      const closing = closed(duplex);
      if (read) duplex.resume();
      await theirs.write('something');
      await theirs.shutdown();
      while (!duplex.readableEnded && duplex.readableLength === 0) await setImmediate();
      for (let turn = 0; turn < 10; turn++) await setImmediate();
      expect(events).toEqual(read ? ['end'] : []);
      ours.destroy();
      await closing;
      expect(events).toEqual(read ? ['end', 'close false'] : ['close false']);
      expect(duplex.destroyed).toBe(true);
    }
  });

  test('fails when its stream is destroyed for a reason', async () => {
    const { ours } = await pair();
    const duplex = toDuplex(ours);
    const events = recorded(duplex, 'error', 'close');
    const closing = closed(duplex);
    ours.destroy(Object.assign(new Error('wrong'), { code: 'WRONG' }));
    await closing;
    expect(events).toEqual(['error WRONG', 'close true']);
  });

  test('fails then, too, when the other side has ended', async () => {
    const { ours, theirs } = await pair();
    const duplex = toDuplex(ours, { allowHalfOpen: true }).resume();
    const events = recorded(duplex, 'end', 'error', 'close');
    const closing = closed(duplex);
    await theirs.shutdown();
    await once(duplex, 'end');
    ours.destroy(Object.assign(new Error('wrong'), { code: 'WRONG' }));
    await closing;
    expect(events).toEqual(['end', 'error WRONG', 'close true']);
  });

  test('tells a write that waits when its stream is closed by somebody else', async () => {
    const { ours } = await pair();
    const duplex = toDuplex(ours);
    const told = new Promise((resolve) => duplex.write(pattern(16 << 20), resolve));
    await setImmediate();
    ours.destroy();
    expect(await told).toMatchObject({ code: 'ERR_STREAM_DESTROYED' });
  });

  test('begins with what the stream has received and nobody has taken', async () => {
    const { ours, theirs } = await pair();
    await theirs.write('first line\nand the rest');
    expect(await ours.readLine()).toBe('first line');
    const duplex = toDuplex(ours);
    const [chunk] = (await once(duplex, 'data')) as [Buffer];
    expect(String(chunk)).toBe('and the rest');
    await theirs.write('more');
    expect(String((await once(duplex, 'data'))[0])).toBe('more');
  });

  test('comes behind what the stream is writing', async () => {
    const { ours, theirs } = await pair();
    const bytes = pattern(8 << 20);
    const writing = ours.write(bytes);
    const duplex = toDuplex(ours);
    duplex.end('behind');
    const [all] = await Promise.all([theirs.readAll(), writing]);
    expect(all.length).toBe(bytes.length + 6);
    expect(String(all.subarray(bytes.length))).toBe('behind');
  });

  test('refuses what is no stream', async () => {
    for (const wrong of [undefined, null, 1, {}, 'stream']) {
      expect(() => toDuplex(wrong as never)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
      );
    }
    const { ours } = await pair();
    expect(() => toDuplex(ours, { allowHalfOpen: 1 as never })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
    // The stream can still be read.
    expect(toDuplex(ours)).toMatchObject({ allowHalfOpen: false });
    ours.destroy();
    expect(() => toDuplex(ours)).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
  });
});

describe('toDuplex of a connection that is being made', () => {
  test('says when it is there, and sends then what was written before', async () => {
    const { listener, port } = await listening();
    const duplex = tracked(toDuplex(connect({ host: '127.0.0.1', port })));
    const events = recorded(duplex, 'connect', 'ready', 'data', 'end', 'close');
    expect(duplex).toMatchObject({ connecting: true, pending: true, readyState: 'opening' });
    expect(duplex).toMatchObject({ remoteAddress: undefined, bytesRead: 0, bytesWritten: 0 });
    duplex.setNoDelay(false).setKeepAlive(true, 5000).setTimeout(0).unref().ref();
    duplex.write('early');
    duplex.end(' bird');
    const theirs = tracked(await listener.accept());
    expect(String(await theirs.readAll())).toBe('early bird');
    expect(duplex).toMatchObject({ connecting: false, pending: false, remotePort: port });
    expect(duplex.bytesWritten).toBe(10);
    const closing = closed(duplex);
    await theirs.write('worm');
    await theirs.close();
    await closing;
    expect(events).toEqual(['connect', 'ready', 'data', 'end', 'close false']);
  });

  test('fails when there will be none', async () => {
    const { listener, port } = await listening();
    listener.close();
    const duplex = toDuplex(connect({ host: '127.0.0.1', port }));
    const events = recorded(duplex, 'connect', 'error', 'close');
    const told = new Promise((resolve) => duplex.write('in vain', resolve));
    await closed(duplex);
    expect(events).toEqual(['error ECONNREFUSED', 'close true']);
    expect(await told).toMatchObject({ code: 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION' });
  });

  test('closes what comes when it has been destroyed', async () => {
    const { ours, theirs } = await pair();
    const { promise, resolve } = withResolvers<typeof ours>();
    const duplex = toDuplex(promise);
    const told = new Promise((tell) => duplex.write('in vain', tell));
    duplex.destroy();
    await closed(duplex);
    expect(await told).toMatchObject({ code: 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION' });
    resolve(ours);
    expect(await theirs.readSome()).toBe(null);
    expect(ours.closed).toBe(true);
  });

  test('fails when the stream that comes cannot be taken', async () => {
    const { ours } = await pair();
    const reading = ours.readSome().catch(() => undefined);
    const duplex = toDuplex(Promise.resolve(ours));
    const events = recorded(duplex, 'connect', 'error', 'close');
    await closed(duplex);
    expect(events).toEqual(['error ERR_BUSY', 'close true']);
    ours.destroy();
    await reading;
  });
});

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((fulfil) => (resolve = fulfil));
  return { promise, resolve };
}
