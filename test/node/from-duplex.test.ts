import { Duplex, PassThrough } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { fromDuplex, toDuplex, type DuplexStream } from '../../lib/node';
import type { Stream } from '../../lib/net';
import { fromNode, pattern } from '../io/peers';
import { tracked } from '../support/opened';
import { isPending } from '../io/pressure';

/** A stream over a `net.Socket`, and our stream at the other end. */
async function overSocket(): Promise<{ stream: DuplexStream; peer: Stream }> {
  const { stream, socket } = await fromNode();
  return { stream: tracked(fromDuplex(socket)), peer: stream };
}

describe('fromDuplex', () => {
  test('reads what, how much and how far it is asked to', async () => {
    const { stream, peer } = await overSocket();
    await peer.write('first line\r\nhead: 1\n\nbody and all the rest');
    expect(await stream.readLine()).toBe('first line');
    expect(String(await stream.peek(4))).toBe('head');
    expect(String(await stream.readUntil('\n\n'))).toBe('head: 1\n\n');
    expect(String(await stream.readExactly(4))).toBe('body');
    const into = Buffer.alloc(5);
    expect(await stream.read(into)).toBe(5);
    expect(String(into)).toBe(' and ');
    expect(String(await stream.readSome(3))).toBe('all');
    await peer.close();
    expect(String(await stream.readAll())).toBe(' the rest');
    expect(await stream.readSome()).toBe(null);
    expect(await stream.readLine()).toBe(null);
    expect(stream.bytesRead).toBe(42);
  });

  test('waits for what has not come, and takes a signal', async () => {
    const { stream, peer } = await overSocket();
    const reading = stream.readExactly(6);
    await peer.write('abc');
    expect(await isPending(reading)).toBe(true);
    await expect(stream.readSome()).rejects.toMatchObject({ code: 'ERR_BUSY' });
    await peer.write('def');
    expect(String(await reading)).toBe('abcdef');
    const controller = new AbortController();
    const aborted = stream.readLine({ signal: controller.signal });
    await peer.write('part of a li');
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    await peer.write('ne\n');
    expect(await stream.readLine()).toBe('part of a line');
  });

  test('reads without waiting', async () => {
    const { stream, peer } = await overSocket();
    const into = Buffer.alloc(10);
    expect(stream.tryRead(into)).toBe(-1);
    await peer.write('hello');
    expect(String(await stream.peek())).toBe('hello');
    expect(stream.tryRead(into)).toBe(5);
    expect(stream.tryRead(into)).toBe(-1);
  });

  test('notices an end that the Duplex itself does not', async () => {
    const waiting = new PassThrough();
    const reading = tracked(fromDuplex(waiting)).read(Buffer.alloc(1));
    expect(await isPending(reading)).toBe(true);
    waiting.end();
    expect(await reading).toBe(0);
  });

  test('notices an end behind the last bytes without waiting', async () => {
    const stream = tracked(fromDuplex(new PassThrough().end('x')));
    const found: number[] = [];
    for (let turn = 0; turn < 9; turn++) {
      await new Promise(setImmediate);
      found.push(stream.tryRead(Buffer.alloc(1)));
    }
    expect(found[0]).toBe(1);
    expect(found.at(-1)).toBe(0);
  });

  test('moves a lot in both directions, and reads no further ahead than the Duplex does', async () => {
    const { stream, peer } = await overSocket();
    const bytes = pattern(8 << 20);
    const echo = peer.pipeTo(peer);
    const writing = stream.write(bytes).then(() => stream.shutdown());
    const chunks: Buffer[] = [];
    for await (const chunk of stream) {
      chunks.push(chunk);
      expect(stream.bytesRead - Buffer.concat(chunks).length).toBeLessThanOrEqual(65536);
      if (chunks.length === 3) break;
    }
    chunks.push(await stream.readAll());
    await Promise.all([writing, echo]);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(stream).toMatchObject({ bytesRead: bytes.length, bytesWritten: bytes.length });
  });

  test('writes text, a part of a buffer, and many chunks at once', async () => {
    const calls: string[][] = [];
    const duplex = new Duplex({
      read: () => undefined,
      writev: (chunks, done) => {
        calls.push(chunks.map(({ chunk }) => String(chunk)));
        done();
      },
    });
    const stream = tracked(fromDuplex(duplex));
    await stream.write('grüße');
    await stream.write(Buffer.from('0123456789'), 2, 3);
    await stream.writev(['a', Buffer.from('b'), 'c']);
    await stream.writev([]);
    expect(calls).toEqual([['grüße'], ['234'], ['a', 'b', 'c']]);
    expect(stream.bytesWritten).toBe(7 + 3 + 3);
  });

  test('resolves a write when the Duplex has handed it on', async () => {
    let done: (() => void) | undefined;
    const duplex = new Duplex({ read: () => undefined, write: (_, __, next) => (done = next) });
    const stream = tracked(fromDuplex(duplex));
    const writing = stream.write('x');
    expect(await isPending(writing)).toBe(true);
    done?.();
    await writing;
  });

  test('closes after what was written, and only once', async () => {
    const { stream, peer } = await overSocket();
    const bytes = pattern(4 << 20);
    const reading = stream.readSome();
    const writing = stream.write(bytes);
    const closing = stream.close();
    expect(stream.close()).toBe(closing);
    await expect(reading).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await expect(stream.write('more')).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await expect(stream.shutdown()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    expect((await peer.readAll()).equals(bytes)).toBe(true);
    await Promise.all([writing, closing]);
    expect(stream.closed).toBe(true);
    await expect(stream.readSome()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });

  test('sends its end, and goes on reading', async () => {
    const { stream, peer } = await overSocket();
    await stream.write('question');
    await stream.shutdown();
    await stream.shutdown();
    await expect(stream.write('more')).rejects.toMatchObject({ code: 'EPIPE' });
    expect(String(await peer.readAll())).toBe('question');
    await peer.write('answer');
    await peer.close();
    expect(String(await stream.readAll())).toBe('answer');
    await vi.waitFor(() => expect(stream.closed).toBe(true));
    await stream.shutdown();
  });

  test('tells the error of the Duplex to whoever reads or writes', async () => {
    const { stream, peer } = await overSocket();
    const reading = stream.readSome();
    peer.setOption('linger', 0);
    peer.destroy();
    await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(stream.readLine()).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(stream.write('x')).rejects.toMatchObject({ code: 'ECONNRESET' });
    await stream.close();
  });

  test('says that it was closed when somebody else has destroyed the Duplex', async () => {
    const duplex = new PassThrough();
    const stream = fromDuplex(duplex);
    const reading = stream.readSome();
    duplex.destroy();
    await expect(reading).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await expect(stream.write('x')).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await expect(stream.shutdown()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    expect(stream.closed).toBe(true);
    const destroyed = fromDuplex(new PassThrough().destroy());
    await expect(destroyed.shutdown()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });

  test('tells of an error that the Duplex has only emitted, and not been destroyed with', async () => {
    const duplex = new PassThrough();
    const stream = fromDuplex(duplex);
    const reading = stream.readSome();
    const reason = new Error('lost');
    duplex.emit('error', reason);
    duplex.destroy();
    await expect(reading).rejects.toBe(reason);
    await expect(stream.write('x')).rejects.toBe(reason);
    await expect(stream.shutdown()).rejects.toBe(reason);
  });

  test.each([true, false])('destroys, which says so: %s, with the reason', async (emitClose) => {
    const [read, write] = [(): void => undefined, (): void => undefined];
    const duplex = new Duplex({ read, write, emitClose });
    const stream = fromDuplex(duplex);
    const underWay = [stream.readSome(), stream.write('x'), stream.shutdown()];
    const reason = new Error('enough');
    stream.destroy(reason);
    for (const promise of underWay) await expect(promise).rejects.toBe(reason);
    expect(duplex.errored).toBe(reason);
  });

  test('is what a stream is that became a Duplex', async () => {
    const { stream, socket } = await fromNode();
    const again = tracked(fromDuplex(toDuplex(stream)));
    socket.pipe(socket);
    await again.writev(['there', ' and ', 'back\n']);
    expect(await again.readLine()).toBe('there and back');
    await again.shutdown();
    expect(await again.readSome()).toBe(null);
  });

  test('gives the event loop its turns while there is always something', async () => {
    const stream = tracked(fromDuplex(new PassThrough({ highWaterMark: 1 << 20 })));
    await stream.write(Buffer.alloc(1 << 19));
    let turns = 0;
    const count = (): void => {
      turns++;
      if (!stream.closed) setImmediate(count);
    };
    setImmediate(count);
    const into = Buffer.alloc(16);
    for (let i = 0; i < 640; i++) await stream.read(into);
    expect(turns).toBeGreaterThan(10);
    stream.destroy();
  });

  test('refuses what is no Duplex of bytes', () => {
    for (const wrong of [undefined, null, 1, {}, new Map()]) {
      expect(() => fromDuplex(wrong as never)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
      );
    }
    const objects = new PassThrough({ objectMode: true });
    const text = new PassThrough().setEncoding('utf8');
    for (const wrong of [objects, text]) {
      expect(() => fromDuplex(wrong)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
      );
    }
  });

  test('refuses what cannot be written', async () => {
    const stream = tracked(fromDuplex(new PassThrough()));
    const type = { code: 'ERR_INVALID_ARG_TYPE' };
    await expect(stream.write(1 as never)).rejects.toMatchObject(type);
    await expect(stream.writev('abc' as never)).rejects.toMatchObject(type);
    await expect(stream.writev([1] as never)).rejects.toMatchObject(type);
    await expect(stream.write('abc', 4)).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
    await expect(stream.write('abc', 1, 3)).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
    expect(stream.bytesWritten).toBe(0);
  });
});
