import { once } from 'node:events';
import { connect as netConnect, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Listener, ServeOptions, Stream } from '../../lib/net';
import { afterTurns, PENDING } from '../support/turns';
import { tracked } from '../support/opened';
import { listening } from './peers';

/** Serves until closed; the test ends each connection's handler. */
async function holding(o?: ServeOptions): Promise<{
  listener: Listener;
  port: number;
  serving: Promise<void>;
  held: { stream: Stream; letGo: () => void }[];
}> {
  const { listener, port } = await listening();
  const held: { stream: Stream; letGo: () => void }[] = [];
  const serving = listener.serve((stream) => {
    const { promise, letGo } = gate();
    held.push({ stream, letGo });
    return promise;
  }, o);
  return { listener, port, serving, held };
}

function gate(): { promise: Promise<void>; letGo: () => void } {
  let letGo: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => (letGo = resolve));
  return { promise, letGo };
}

async function client(port: number): Promise<Socket> {
  const socket = tracked(netConnect({ host: '127.0.0.1', port }));
  await once(socket, 'connect');
  return socket;
}

async function turns(): Promise<void> {
  await afterTurns(new Promise(() => undefined));
}

describe('serve with maxConnections', () => {
  test('has so many handlers running, and the other connections wait', async () => {
    const { listener, port, serving, held } = await holding({ maxConnections: 2 });
    for (let i = 0; i < 5; i++) await client(port);
    await vi.waitFor(() => expect(held).toHaveLength(2));
    await turns();
    expect(held).toHaveLength(2);
    for (let ended = 0; ended < 3; ended++) {
      held[ended].letGo();
      await vi.waitFor(() => expect(held).toHaveLength(3 + ended));
      await turns();
      expect(held).toHaveLength(3 + ended);
    }
    listener.close();
    await serving;
    for (const { letGo } of held) letGo();
  });

  test('accepts no more while it is full, and others may', async () => {
    const { listener, port, held } = await holding({ maxConnections: 1 });
    await client(port);
    await vi.waitFor(() => expect(held).toHaveLength(1));
    const second = await client(port);
    const stream = tracked(await listener.accept());
    expect(stream.remoteAddress?.port).toBe(second.localPort);
    held[0].letGo();
  });

  test('goes on after handlers that fail', async () => {
    const { listener, port } = await listening();
    let called = 0;
    const serving = listener.serve(
      async (stream) => {
        called++;
        stream.destroy();
        await stream.write('x');
      },
      { maxConnections: 1 },
    );
    for (let i = 0; i < 20; i++) tracked(netConnect({ host: '127.0.0.1', port }));
    await vi.waitFor(() => expect(called).toBe(20));
    listener.close();
    await serving;
  });

  test('ends when the listener is closed while it is full', async () => {
    const { listener, port, serving, held } = await holding({ maxConnections: 1 });
    await client(port);
    await vi.waitFor(() => expect(held).toHaveLength(1));
    listener.close();
    await serving;
    expect(held[0].stream.closed).toBe(false);
    held[0].letGo();
  });

  test('refuses what is no number of them', async () => {
    const { listener } = await listening();
    const serve = (maxConnections: unknown): Promise<void> =>
      listener.serve(() => undefined, { maxConnections } as ServeOptions);
    await expect(serve(0)).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
    await expect(serve(1.5)).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
    await expect(serve('2')).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    const unlimited = serve(Infinity);
    listener.close();
    await unlimited;
  });
});

describe('close with drain', () => {
  const never = new AbortController().signal;

  test('stops listening at once, and waits for the handlers', async () => {
    const { listener, port, serving, held } = await holding();
    await client(port);
    await client(port);
    await vi.waitFor(() => expect(held).toHaveLength(2));
    const closing = listener.close({ drain: never });
    expect(listener.closed).toBe(true);
    await serving;
    const [error] = (await once(tracked(netConnect({ host: '127.0.0.1', port })), 'error')) as [
      { code: string },
    ];
    expect(error.code).toBe('ECONNREFUSED');
    held[0].letGo();
    expect(await afterTurns(closing)).toBe(PENDING);
    // The client receives what the handler has written.
    expect(held[1].stream.closed).toBe(false);
    held[1].letGo();
    await closing;
    expect(held.map(({ stream }) => stream.closed)).toEqual([true, true]);
  });

  test('destroys what is left when the signal aborts', async () => {
    const { listener, port } = await listening();
    const ended: string[] = [];
    let begun = 0;
    void listener.serve(async (stream) => {
      begun++;
      await stream
        .read(Buffer.alloc(1))
        .catch((error: unknown) => ended.push((error as { code: string }).code));
    });
    const sockets = [await client(port), await client(port)];
    const closed = sockets.map((socket) => once(socket, 'close'));
    await vi.waitFor(() => expect(begun).toBe(2));
    const controller = new AbortController();
    const closing = listener.close({ drain: controller.signal });
    expect(await afterTurns(closing)).toBe(PENDING);
    controller.abort();
    await closing;
    await Promise.all(closed);
    expect(ended).toEqual(['ERR_CLOSED', 'ERR_CLOSED']);
  });

  test('does not wait for a handler that does other things', async () => {
    const { listener, port, held } = await holding();
    await client(port);
    await vi.waitFor(() => expect(held).toHaveLength(1));
    await listener.close({ drain: AbortSignal.abort() });
    expect(held[0].stream.closed).toBe(true);
    held[0].letGo();
  });

  test('may be called again by who is in more of a hurry', async () => {
    const { listener, port, held } = await holding();
    await client(port);
    await vi.waitFor(() => expect(held).toHaveLength(1));
    const patient = listener.close({ drain: never });
    await listener.close({ drain: AbortSignal.abort() });
    expect(await afterTurns(patient)).toBe(PENDING);
    held[0].letGo();
    await patient;
  });

  test('has nothing to wait for where nobody is served', async () => {
    const { listener } = await listening();
    await listener.close({ drain: never });
    await listener.close({ drain: never });
    expect(listener.closed).toBe(true);
  });

  test('refuses what is no signal, and does not close then', async () => {
    const { listener } = await listening();
    for (const o of [{}, { drain: true }, { drain: {} }, 5]) {
      await expect(listener.close(o as { drain: AbortSignal })).rejects.toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
      });
    }
    expect(listener.closed).toBe(false);
  });
});

describe('a handler', () => {
  afterEach(() => {
    process.setUncaughtExceptionCaptureCallback(null);
  });

  test.each([undefined, null, 'text'])('may even throw %s', async (thrown) => {
    const { listener, port } = await listening();
    const uncaught = vi.fn();
    process.setUncaughtExceptionCaptureCallback(uncaught);
    void listener.serve(() => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      throw thrown;
    });
    await once(await client(port), 'close');
    expect(uncaught.mock.calls.map(([error]) => error as unknown)).toEqual([thrown]);
  });
});
