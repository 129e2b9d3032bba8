import { getEventListeners, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect as netConnect } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { connect, type Stream } from '../../lib/net';
import { descriptors } from '../support/descriptors';
import { tracked } from '../support/opened';
import { listening, readAll } from './peers';

async function connected(port: number): Promise<Stream> {
  return tracked(await connect({ host: '127.0.0.1', port }));
}

describe('serve', () => {
  afterEach(() => {
    process.setUncaughtExceptionCaptureCallback(null);
  });

  test('calls the handler with every connection, and closes the stream after it', async () => {
    const { listener, port } = await listening();
    const streams: Stream[] = [];
    const serving = listener.serve(async (stream) => {
      streams.push(stream);
      await stream.write((await readAll(stream)).toString().toUpperCase());
    });
    const socket = tracked(netConnect({ port, host: '127.0.0.1', allowHalfOpen: true }));
    socket.end('hello');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toBe('HELLO');
    await once(socket, 'end');
    const client = await connected(port);
    await client.shutdown();
    expect(await readAll(client)).toHaveLength(0);
    listener.close();
    await serving;
    expect(streams.map((stream) => stream.closed)).toEqual([true, true]);
  });

  test('does not wait for one handler before it calls the next', async () => {
    const { listener, port } = await listening();
    let called = 0;
    const all = new Promise<void>((resolve) => {
      void listener.serve(async (stream) => {
        if (++called === 3) resolve();
        await stream.read(Buffer.alloc(1));
      });
    });
    await Promise.all([connected(port), connected(port), connected(port)]);
    await all;
  });

  test('takes the failure of a connection as an end of it, and goes on', async () => {
    const { listener, port } = await listening();
    const uncaught = vi.fn();
    process.setUncaughtExceptionCaptureCallback(uncaught);
    const failures: unknown[] = [];
    const serving = listener.serve(async (stream) => {
      const failure = readAll(stream).catch((error: unknown) => {
        failures.push((error as { code: string }).code);
        throw error;
      });
      await failure;
    });
    const client = await connected(port);
    await client.write('x');
    descriptors.resetOnClose(client.fd);
    client.destroy();
    while (failures.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const next = await connected(port);
    await next.shutdown();
    expect(await readAll(next)).toHaveLength(0);
    listener.close();
    await serving;
    expect(failures).toEqual(['ECONNRESET']);
    expect(uncaught).not.toHaveBeenCalled();
  });

  test.each([
    ['ERR_INCOMPLETE', 'GET / HTTP/1.1', (stream: Stream) => stream.readUntil('\r\n\r\n')],
    ['ERR_LIMIT', 'a long line\n', (stream: Stream) => stream.readLine({ limit: 4 })],
    ['TimeoutError', '', (stream: Stream) => stream.readLine({ signal: AbortSignal.timeout(1) })],
    [
      'AbortError',
      '',
      (stream: Stream) => {
        const controller = new AbortController();
        setImmediate(() => controller.abort());
        return stream.readLine({ signal: controller.signal });
      },
    ],
  ])('takes what a client can bring about as an end of it: %s', async (name, sent, read) => {
    const { listener, port } = await listening();
    const uncaught = vi.fn();
    process.setUncaughtExceptionCaptureCallback(uncaught);
    const failures: unknown[] = [];
    const serving = listener.serve(async (stream) => {
      try {
        await read(stream);
      } catch (error) {
        failures.push(error);
        throw error;
      }
    });
    const client = await connected(port);
    await client.write(sent);
    if (sent !== '') await client.shutdown();
    await readAll(client).catch(() => undefined); // a reset, where something was not read
    listener.close();
    await serving;
    const key = name.startsWith('ERR') ? 'code' : 'name';
    expect(failures).toEqual([expect.objectContaining({ [key]: name })]);
    expect(uncaught).not.toHaveBeenCalled();
  });

  test('makes a mistake of the handler an uncaught exception, and destroys the stream', async () => {
    const { listener, port } = await listening();
    const uncaught = vi.fn();
    process.setUncaughtExceptionCaptureCallback(uncaught);
    const mistakes = [new Error('thrown'), new TypeError('rejected')];
    let connections = 0;
    const serving = listener.serve((stream) => {
      const mistake = mistakes[connections++];
      if (mistake === mistakes[0]) throw mistake;
      return stream.write('x').then(() => Promise.reject(mistake));
    });
    for (let i = 0; i < 2; i++) await readAll(await connected(port));
    listener.close();
    await serving;
    expect(uncaught.mock.calls.map(([error]) => error as unknown)).toEqual(mistakes);
  });

  test('takes an error of a file for a mistake, and of another connection for an end', async () => {
    const { listener, port } = await listening();
    const uncaught = vi.fn();
    process.setUncaughtExceptionCaptureCallback(uncaught);
    const handlers = [
      () => readFile('/there/is/none'),
      () => once(netConnect({ port: 1, host: '127.0.0.1' }), 'connect'),
    ];
    const serving = listener.serve(() => handlers.shift()?.());
    for (let i = 0; i < 2; i++) await readAll(await connected(port));
    listener.close();
    await serving;
    const errors = uncaught.mock.calls.map(([error]) => error as unknown);
    expect(errors).toEqual([expect.objectContaining({ code: 'ENOENT' })]);
  });

  test('closes the listener and destroys what is served when its signal aborts', async () => {
    const { listener, port } = await listening();
    const other = await listening();
    const controller = new AbortController();
    const { signal } = controller;
    const streams: Stream[] = [];
    const reasons: string[] = [];
    const handler = async (stream: Stream): Promise<void> => {
      streams.push(stream);
      await stream.readAll().catch((error: unknown) => reasons.push((error as Error).message));
    };
    const serving = listener.serve(handler, { signal });
    const alone = other.listener.serve(handler);
    const clients = [await connected(port), await connected(other.port)];
    await vi.waitFor(() => expect(streams).toHaveLength(2));
    controller.abort(new Error('enough'));
    await expect(serving).rejects.toThrow('enough');
    expect(await readAll(clients[0])).toHaveLength(0);
    expect(streams.map(({ closed }) => closed)).toEqual([true, false]);
    expect([listener.closed, other.listener.closed]).toEqual([true, false]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    await vi.waitFor(() => expect(reasons).toEqual(['enough']));
    other.listener.close();
    await alone;
    await expect(other.listener.serve(handler, { signal })).rejects.toThrow('enough');
  });

  test('refuses what is no function', async () => {
    const { listener } = await listening();
    await expect(listener.serve('x' as unknown as () => void)).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
    });
  });
});
