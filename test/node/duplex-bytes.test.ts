import { once } from 'node:events';
import { finished, pipeline, Transform } from 'node:stream';
import { promisify } from 'node:util';
import { setImmediate } from 'node:timers/promises';
import { pipeline as pipelined } from 'node:stream/promises';
import { describe, expect, test } from 'vitest';
import { pattern } from '../io/peers';
import { bytesOf, closed, recorded, subjects } from './duplex';

describe.each(subjects)('$name with bytes', ({ open }) => {
  test('takes more than the kernel does, says so, and says when it takes more', async () => {
    const { duplex, peer } = await open();
    const bytes = pattern(8 << 20);
    const received = bytesOf(peer, bytes.length);
    const drained = once(duplex, 'drain');
    let told = false;
    expect(duplex.write(bytes, () => (told = true))).toBe(false);
    expect(duplex).toMatchObject({ writableNeedDrain: true, bytesWritten: bytes.length });
    await drained;
    expect(told).toBe(true);
    expect((await received).equals(bytes)).toBe(true);
  });

  test('sends text as the encoding says, a large one too', async () => {
    const { duplex, peer } = await open();
    const texts: [string, BufferEncoding][] = [
      ['grüße, 世界 🙂', 'utf8'],
      ['caf\xe9', 'latin1'],
      ['68656c6c6f', 'hex'],
      ['aGVsbG8gd29ybGQ=', 'base64'],
      ['wide', 'utf16le'],
      ['ü'.repeat(1 << 20), 'utf8'],
    ];
    const expected = Buffer.concat(texts.map(([text, encoding]) => Buffer.from(text, encoding)));
    const received = bytesOf(peer, expected.length);
    for (const [text, encoding] of texts) duplex.write(text, encoding);
    expect((await received).equals(expected)).toBe(true);
    expect(duplex.bytesWritten).toBe(expected.length);
  });

  test('sends what is written while it is corked as one message', async () => {
    const { duplex, peer } = await open();
    const received = once(peer, 'data') as Promise<[Buffer]>;
    duplex.cork();
    for (const piece of ['corked ', Buffer.from('and '), 'so is ', '']) duplex.write(piece);
    duplex.write('6d696e65', 'hex');
    expect(duplex.bytesWritten).toBe(21);
    duplex.uncork();
    const [chunk] = await received;
    expect(String(chunk)).toBe('corked and so is mine');
    expect(duplex.bytesWritten).toBe(21);
  });

  test('sends nothing of what was given away while it was corked, and the rest', async () => {
    const { duplex, peer } = await open();
    const received = bytesOf(peer, 2);
    const given = Buffer.from(new ArrayBuffer(3));
    duplex.cork();
    for (const piece of ['a', given, 'b']) duplex.write(piece);
    structuredClone(given, { transfer: [given.buffer] });
    duplex.uncork();
    expect(String(await received)).toBe('ab');
  });

  test('sends more pieces than one system call takes', async () => {
    const { duplex, peer } = await open();
    const pieces = Array.from({ length: 3000 }, (_, i) => pattern(100 + (i % 7)));
    const expected = Buffer.concat(pieces);
    const received = bytesOf(peer, expected.length);
    duplex.cork();
    for (const piece of pieces) duplex.write(piece);
    duplex.uncork();
    expect((await received).equals(expected)).toBe(true);
  });

  test('emits text when it has been given an encoding, whose characters may come in pieces', async () => {
    const { duplex, peer } = await open();
    duplex.setEncoding('utf8');
    let text = '';
    duplex.on('data', (chunk: string) => (text += chunk));
    const [first, second] = ['世']
      .map((letter) => Buffer.from(letter))
      .flatMap((bytes) => [bytes.subarray(0, 1), bytes.subarray(1)]);
    peer.write(first);
    while (duplex.bytesRead === 0) await setImmediate();
    expect(text).toBe('');
    peer.end(second);
    await once(duplex, 'end');
    expect(text).toBe('世');
  });

  test('reads ahead no further than its buffer while it is paused', async () => {
    const { duplex, peer } = await open();
    duplex.pause();
    const bytes = pattern(32 << 20);
    peer.write(bytes);
    // Until the kernel's own buffers are full.
    let before = -1;
    while (duplex.bytesRead !== before || before === 0) {
      before = duplex.bytesRead;
      for (let turn = 0; turn < 20; turn++) await setImmediate();
    }
    expect(duplex.bytesRead).toBeGreaterThan(0);
    expect(duplex.bytesRead).toBeLessThan(duplex.readableHighWaterMark + 65536);
    const received = bytesOf(duplex, bytes.length);
    duplex.resume();
    expect((await received).equals(bytes)).toBe(true);
    expect(duplex.bytesRead).toBe(bytes.length);
  });

  test('can be paused and resumed by whoever is called with the data', async () => {
    const { duplex, peer } = await open();
    const chunks: Buffer[] = [];
    let running = 0;
    duplex.on('data', (chunk: Buffer) => {
      expect(running++).toBe(0);
      chunks.push(chunk);
      duplex.pause();
      void setImmediate().then(() => {
        running--;
        duplex.resume();
      });
    });
    const bytes = pattern(1 << 20);
    peer.end(bytes);
    await once(duplex, 'end');
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  test('gives back what was taken too much of', async () => {
    const { duplex, peer } = await open();
    peer.write('head|body');
    await once(duplex, 'readable');
    const bytes = duplex.read() as Buffer;
    duplex.unshift(bytes.subarray(5));
    expect(String(bytes.subarray(0, 5))).toBe('head|');
    expect(String(duplex.read(4))).toBe('body');
  });

  test('is read by for await, piece after piece', async () => {
    const { duplex, peer } = await open();
    const bytes = pattern(3 << 20);
    peer.end(bytes);
    const chunks: Buffer[] = [];
    for await (const chunk of duplex) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(duplex.destroyed).toBe(true);
  });

  test('is closed by a for await that is left', async () => {
    const { duplex, peer } = await open();
    const ended = closed(peer);
    peer.on('error', () => undefined).end('something');
    for await (const chunk of duplex) {
      expect(String(chunk)).toBe('something');
      break;
    }
    expect(duplex.destroyed).toBe(true);
    await ended;
  });

  test('is an echo when it is piped into itself', async () => {
    const { duplex, peer } = await open({ allowHalfOpen: true });
    duplex.pipe(duplex);
    const bytes = pattern(4 << 20);
    const received = bytesOf(peer, bytes.length);
    peer.end(bytes);
    expect((await received).equals(bytes)).toBe(true);
  });

  test('is a part of a pipeline, which ends it and tells when it is over', async () => {
    const { duplex, peer } = await open({ allowHalfOpen: true });
    const upper = new Transform({
      transform: (chunk, _, done) => done(null, String(chunk).toUpperCase()),
    });
    const received = bytesOf(peer, 5);
    const over = pipelined(duplex, upper, duplex);
    peer.end('hello');
    expect(String(await received)).toBe('HELLO');
    await over;
    expect(duplex.errored).toBe(null);
  });

  test('fails a pipeline when the connection is reset', async () => {
    const { duplex, peer } = await open();
    const failure = new Promise((resolve) => pipeline(duplex, new Transform(), resolve));
    peer.resetAndDestroy();
    expect(await failure).toMatchObject({ code: 'ECONNRESET' });
  });

  test('tells finished of its end, and of one that comes too early', async () => {
    const first = await open();
    const over = promisify(finished)(first.duplex);
    first.duplex.resume().end();
    first.peer.resume().end();
    await over;
    const second = await open();
    const tooEarly = promisify(finished)(second.duplex);
    second.duplex.destroy();
    await expect(tooEarly).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
  });

  test('composes with what comes behind', async () => {
    const { duplex, peer } = await open();
    const double = new Transform({ transform: (chunk, _, done) => done(null, `${chunk}${chunk}`) });
    const whole = duplex.compose(double);
    peer.end('ab');
    const chunks: unknown[] = [];
    for await (const chunk of whole) chunks.push(chunk);
    expect(chunks.join('')).toBe('abab');
  });

  test('refuses what cannot be written, and stays open', async () => {
    const { duplex, peer } = await open();
    const events = recorded(duplex, 'error', 'close');
    for (const wrong of [1, true, {}, [], undefined]) {
      expect(() => duplex.write(wrong as never)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
      );
    }
    expect(() => duplex.write(null)).toThrow(
      expect.objectContaining({ code: 'ERR_STREAM_NULL_VALUES' }),
    );
    const received = bytesOf(peer, 4);
    duplex.write('fine');
    expect(String(await received)).toBe('fine');
    expect(events).toEqual([]);
  });
});
