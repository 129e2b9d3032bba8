import { setImmediate } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { ReadableStream, TextDecoderStream } from 'node:stream/web';
import { describe, expect, test, vi } from 'vitest';
import { readable as isReadable } from '../../lib';
import { toWeb } from '../../lib/node';
import { pair, pattern } from '../io/peers';
import { isPending } from '../io/pressure';

describe('the readable of toWeb', () => {
  test('has a chunk for what has come, and ends', async () => {
    const { ours, theirs } = await pair();
    const reader = toWeb(ours).readable.getReader();
    await theirs.write('hello');
    const { value } = await reader.read();
    expect(String(Buffer.from(value ?? []))).toBe('hello');
    // The chunk has memory of its own, which may be transferred to another thread.
    expect(value?.buffer.byteLength).toBe(5);
    const last = reader.read();
    await theirs.close();
    expect(await last).toEqual({ done: true, value: undefined });
    await reader.closed;
  });

  test('fills the buffer of a BYOB reader, and gives it back at the end', async () => {
    const { ours, theirs } = await pair();
    const reader = toWeb(ours).readable.getReader({ mode: 'byob' });
    await theirs.write('hello world');
    const first = await reader.read(new Uint8Array(new ArrayBuffer(8), 2, 5));
    expect(first.value).toMatchObject({ byteOffset: 2, byteLength: 5 });
    expect(String(Buffer.from(first.value ?? []))).toBe('hello');
    const second = await reader.read(new Uint8Array(first.value?.buffer ?? []));
    expect(String(Buffer.from(second.value ?? []))).toBe(' world');
    await theirs.close();
    const last = await reader.read(new Uint8Array(8));
    expect(last).toMatchObject({ done: true, value: new Uint8Array(0) });
  });

  test('reads nothing that nobody has asked for', async () => {
    const { ours, theirs } = await pair();
    const { readable } = toWeb(ours);
    await theirs.write('hello');
    for (let turn = 0; turn < 10; turn++) await setImmediate();
    expect(ours.bytesRead).toBe(0);
    await readable.cancel();
  });

  test('can be piped through others', async () => {
    const { ours, theirs } = await pair();
    const bytes = Buffer.from('grüße 世界 '.repeat(100_000));
    const writing = theirs.write(bytes).then(() => theirs.close());
    const decoded = toWeb(ours).readable.pipeThrough(new TextDecoderStream());
    expect(await text(decoded as ReadableStream)).toBe(String(bytes));
    await writing;
  });

  test('is cancelled while a read waits, and leaves the writing as it is', async () => {
    const { ours, theirs } = await pair();
    const { readable, writable } = toWeb(ours);
    const reader = readable.getReader();
    const waiting = reader.read();
    await reader.cancel('enough');
    expect(await waiting).toEqual({ done: true, value: undefined });
    const writer = writable.getWriter();
    await writer.write('still here');
    expect(String(await theirs.readSome())).toBe('still here');
    expect(ours.closed).toBe(false);
    await writer.close();
    expect(ours.closed).toBe(true);
  });

  test('is cancelled when its end is about to be read, and leaves the writing as it is', async () => {
    const { ours, theirs } = await pair();
    const { readable, writable } = toWeb(ours);
    await theirs.shutdown();
    await isReadable(ours);
    const reader = readable.getReader();
    const reading = reader.read();
    await Promise.all([reading, reader.cancel()]);
    const writer = writable.getWriter();
    await writer.write('still here');
    expect(String(await theirs.readSome())).toBe('still here');
    await writer.close();
    expect(ours.closed).toBe(true);
  });

  test('is cancelled while a BYOB read waits', async () => {
    const { ours } = await pair();
    const { readable, writable } = toWeb(ours);
    const reader = readable.getReader({ mode: 'byob' });
    const waiting = reader.read(new Uint8Array(10));
    await reader.cancel();
    expect((await waiting).done).toBe(true);
    await writable.close();
    expect(ours.closed).toBe(true);
  });

  test('fails with the error of the connection, and so does the writable', async () => {
    const { ours, theirs } = await pair();
    const { readable, writable } = toWeb(ours);
    const reader = readable.getReader();
    const waiting = reader.read();
    const cancel = vi.fn();
    const piping = new ReadableStream({ cancel }).pipeTo(writable);
    theirs.setOption('linger', 0);
    theirs.destroy();
    const reset = { code: 'ECONNRESET' };
    await expect(waiting).rejects.toMatchObject(reset);
    expect(ours.closed).toBe(true);
    await expect(piping).rejects.toMatchObject(reset);
    expect(cancel).toHaveBeenCalledWith(expect.objectContaining(reset));
  });
});

describe('the writable of toWeb', () => {
  test('takes bytes and text, and sends the end when it is closed', async () => {
    const { ours, theirs } = await pair();
    const { readable, writable } = toWeb(ours);
    const writer = writable.getWriter();
    await writer.write('grüße ');
    await writer.write(new Uint8Array([0x68, 0x69]));
    await writer.close();
    expect(String(await theirs.readAll())).toBe('grüße hi');
    expect(ours.closed).toBe(false);
    await theirs.close();
    expect(await readable.getReader().read()).toMatchObject({ done: true });
    expect(ours.closed).toBe(true);
  });

  test('is ready when the kernel has taken what was written', async () => {
    const { ours, theirs } = await pair();
    const writer = toWeb(ours).writable.getWriter();
    const bytes = pattern(16 << 20);
    const writing = writer.write(bytes);
    expect(writer.desiredSize).toBe(0);
    expect(await isPending(writer.ready)).toBe(true);
    const received = theirs.readExactly(bytes.length);
    await writing;
    await writer.ready;
    expect((await received).equals(bytes)).toBe(true);
    await writer.abort();
  });

  test('is aborted at once, also while a write waits, and closes the connection', async () => {
    const { ours } = await pair();
    const { readable, writable } = toWeb(ours);
    const reading = readable.getReader().read();
    const writer = writable.getWriter();
    const writing = writer.write(pattern(16 << 20));
    expect(await isPending(writing)).toBe(true);
    const reason = new Error('enough');
    const aborted = writer.abort(reason);
    await expect(writing).rejects.toBe(reason);
    await aborted.catch(() => undefined);
    await expect(reading).rejects.toBe(reason);
    expect(ours.closed).toBe(true);
  });

  test('is aborted, and nothing more is read, whether or not somebody reads', async () => {
    const { ours } = await pair();
    const { readable, writable } = toWeb(ours);
    const reason = new Error('enough');
    await writable.abort(reason);
    await expect(readable.getReader().read()).rejects.toBe(reason);
    expect(ours.closed).toBe(true);
  });

  test('fails with the error of a write, and so does the readable', async () => {
    const { ours } = await pair();
    const { readable, writable } = toWeb(ours);
    const reader = readable.getReader();
    vi.spyOn(ours, 'write').mockRejectedValueOnce(new Error('lost'));
    await expect(writable.getWriter().write('x')).rejects.toThrow('lost');
    await expect(reader.closed).rejects.toThrow('lost');
    await expect(reader.read()).rejects.toThrow('lost');
  });

  test('fails for what is neither bytes nor text', async () => {
    const { ours } = await pair();
    const writer = toWeb(ours).writable.getWriter();
    await expect(writer.write(1 as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    await expect(writer.closed).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    expect(ours.closed).toBe(true);
  });
});

test('toWeb is an echo when it is piped into itself', async () => {
  const { ours, theirs } = await pair();
  const { readable, writable } = toWeb(ours);
  const piping = readable.pipeTo(writable);
  const bytes = pattern(4 << 20);
  const writing = theirs.write(bytes).then(() => theirs.shutdown());
  expect((await theirs.readAll()).equals(bytes)).toBe(true);
  await Promise.all([piping, writing]);
  expect(ours.closed).toBe(true);
});

test('toWeb refuses what is no stream', () => {
  expect(() => toWeb({} as never)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
  );
});
