import { once } from 'node:events';
import { BlockList, type LookupFunction, Socket } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { listen } from '../../lib/net';
import { Connection, type NetOptions } from '../../lib/node';
import { freePort, resolving, silent } from '../io/loopback';
import { listening, readAll } from '../io/peers';
import { inChild } from '../support/child';
import { temporary, tracked } from '../support/opened';
import { closed, recorded } from './duplex';

const aborted = AbortSignal.abort();

function connection(): Connection {
  return tracked(new Connection());
}

describe.each([
  { name: 'Connection', make: connection },
  { name: 'net.Socket', make: () => tracked(new Socket()) as unknown as Connection },
])('$name', ({ make }) => {
  test('is not connecting before it is told where to', async () => {
    const { port } = await listening();
    const socket = make();
    expect(socket).toMatchObject({ connecting: false, pending: true });
    socket.connect(port, '127.0.0.1');
    expect(socket).toMatchObject({ connecting: true, pending: true, readyState: 'opening' });
    await once(socket, 'connect');
    expect(socket).toMatchObject({ connecting: false, pending: false, readyState: 'open' });
  });

  test('takes a port that is a string', async () => {
    const { port } = await listening();
    const socket = make().connect(String(port), '127.0.0.1');
    await once(socket, 'connect');
    expect(socket.remotePort).toBe(port);
  });

  test('takes nothing for a host that is none, and calls the listener behind it', async () => {
    const { port } = await listening();
    for (const host of [undefined, null, ''] as undefined[]) {
      await new Promise<void>((resolve) => make().connect(port, host, resolve));
    }
    await once(make().connect(port, '127.0.0.1', null as never), 'connect');
  });

  test('takes an empty path or local address for none', async () => {
    const { port } = await listening();
    const o = { port, host: '127.0.0.1' };
    for (const empty of [{ path: '' }, { localAddress: '' }]) {
      await once(make().connect({ ...o, ...empty } as NetOptions), 'connect');
    }
  });

  test('takes an address of a server', async () => {
    const { listener, port } = await listening();
    const lookup = vi.fn<LookupFunction>((_host, _o, callback) => callback(null, '127.0.0.1', 4));
    const address = { address: '127.0.0.1', family: 'IPv4' as unknown as number, port };
    await once(make().connect({ ...address, lookup }), 'connect');
    tracked(await listener.accept());
    const [host, { family }] = lookup.mock.calls[0];
    expect(host).toBe('localhost');
    expect([4, 'IPv4']).toContain(family);
  });

  test('asks for addresses of a family only where it looks up a name', async () => {
    const { port } = await listening();
    await once(make().connect({ port, host: '127.0.0.1', family: 6 }), 'connect');
    const lookup = vi.fn<LookupFunction>((_host, _o, callback) => callback(null, '127.0.0.1', 4));
    await once(make().connect({ port, host: 'name.example', family: 4, lookup }), 'connect');
    expect(lookup.mock.calls[0][1]).toMatchObject({ family: 4 });
  });

  test('asks for one address of a name only, where it is not to select a family', async () => {
    const { port } = await listening();
    const found = { address: '127.0.0.1', family: 4 };
    const lookup = vi.fn<LookupFunction>((_host, { all }, callback) => {
      callback(null, all ? [found] : found.address, 4);
    });
    for (const autoSelectFamily of [false, true]) {
      await once(
        make().connect({ port, host: 'name.example', lookup, autoSelectFamily }),
        'connect',
      );
    }
    expect(lookup.mock.calls.map(([, { all }]) => all ?? false)).toEqual([false, true]);
  });

  test('counts what is to be written when it has connected', async () => {
    const { port } = await listening();
    const socket = make().connect(port, '127.0.0.1');
    const written = new Promise((resolve) =>
      socket.write('grüße', () => resolve(socket.bytesWritten)),
    );
    expect(socket.bytesWritten).toBe(7);
    socket.write(' ');
    socket.write('welt');
    expect(socket.bytesWritten).toBe(12);
    expect(await written).toBe(12);
    await new Promise((resolve) => socket.end(resolve));
    expect(socket.bytesWritten).toBe(12);
  });

  test('says that it has connected before it says that it has written', async () => {
    const { port } = await listening();
    const events: string[] = [];
    const socket = make();
    socket.connect(port, '127.0.0.1', () => events.push('connect'));
    socket.on('drain', () => events.push('drain'));
    const written = new Promise<void>((resolve) =>
      socket.write(Buffer.alloc(100_000), () => {
        events.push('written');
        resolve();
      }),
    );
    expect(socket.writableNeedDrain).toBe(true);
    await written;
    await vi.waitFor(() => expect(events).toHaveLength(3));
    expect(events[0]).toBe('connect');
  });

  test('sends what was written before it connected first, and only then what `connect` writes', async () => {
    const { listener, port } = await listening();
    const socket = make();
    socket.connect(port, '127.0.0.1', () => socket.end(' last'));
    socket.write('first');
    socket.write(' second');
    const stream = tracked(await listener.accept());
    expect((await readAll(stream)).toString()).toBe('first second last');
  });

  test('does not send what was written if it is destroyed as it connects', async () => {
    const { port } = await listening();
    const socket = make();
    socket.connect(port, '127.0.0.1', () => socket.destroy());
    const failed = new Promise((resolve) => socket.write('x', resolve));
    expect(await failed).toMatchObject({ code: 'ERR_SOCKET_CLOSED' });
  });

  test('receives nothing while it is paused, also from before it connects', async () => {
    const { listener, port } = await listening();
    const socket = make().pause().connect(port, '127.0.0.1');
    const [stream] = await Promise.all([listener.accept(), once(socket, 'connect')]);
    await tracked(stream).write('hello');
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(socket.bytesRead).toBe(0);
    const received = once(socket, 'data');
    socket.resume();
    expect(String(await received)).toBe('hello');
  });

  test('calls back what was to be written behind the error that it is destroyed with', async () => {
    const { port } = await listening();
    const socket = make().connect(port, '127.0.0.1');
    const events = recorded(socket, 'error', 'close');
    const onClose = closed(socket);
    socket.write('x', (error) => events.push(`written ${(error as { code?: string }).code}`));
    socket.destroy(new Error('mine'));
    events.push('destroyed');
    await onClose;
    expect(events.slice(0, 2)).toEqual(['destroyed', 'error']);
    expect(events).toContain('written ERR_SOCKET_CLOSED_BEFORE_CONNECTION');
  });

  test('fails when it is reset before it is told where to', async () => {
    const socket = make();
    const events = recorded(socket, 'error');
    const onClose = closed(socket);
    socket.resetAndDestroy();
    await onClose;
    expect(events).toEqual(['error ERR_SOCKET_CLOSED']);
  });
});

describe('Connection', () => {
  test('fails when it is reset and turns out to be no TCP connection', async () => {
    const path = temporary('socket');
    tracked(await listen({ path }));
    const socket = connection().connect(path);
    const events = recorded(socket, 'connect', 'error', 'close');
    const onClose = closed(socket);
    socket.resetAndDestroy();
    const written = new Promise((resolve) => socket.write('x', resolve));
    await onClose;
    expect(events).toEqual(['connect', 'error ERR_INVALID_HANDLE_TYPE', 'close true']);
    expect(await written).toMatchObject({ code: 'ERR_SOCKET_CLOSED' });
  });

  test('sends what was written before it is told where to', async () => {
    const { listener, port } = await listening();
    const socket = connection();
    socket.write('hello ');
    socket.end('world');
    expect([socket.pending, socket.remoteAddress]).toEqual([true, undefined]);
    socket.connect({ port, host: '127.0.0.1' });
    const stream = tracked(await listener.accept());
    expect((await readAll(stream)).toString()).toBe('hello world');
    expect([socket.pending, socket.remoteAddress, socket.remotePort]).toEqual([
      false,
      '127.0.0.1',
      port,
    ]);
  });

  test('connects to a port and host, a path, or options, and calls the listener', async () => {
    const path = temporary('socket');
    const { listener, port } = await listening();
    const unix = tracked(await listen({ path }));
    const listeners = [listener, listener, unix, unix];
    const onConnect = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
    const sockets = [
      connection().connect(port, '127.0.0.1', onConnect[0]),
      connection().connect(
        { port: String(port) as unknown as number, host: '127.0.0.1' },
        onConnect[1],
      ),
      connection().connect(path, onConnect[2]),
      connection().connect({ path }, onConnect[3]),
    ];
    await Promise.all(sockets.map((socket) => once(socket, 'ready')));
    for (const one of listeners) tracked(await one.accept());
    expect(onConnect.map((mock) => mock.mock.calls.length)).toEqual([1, 1, 1, 1]);
  });

  test('tries the addresses of a name by Happy Eyeballs', async () => {
    const refused = vi.fn();
    const { listener, port } = await listening();
    const lookup = resolving('::1', '127.0.0.1');
    const socket = connection().on('error', refused);
    socket.connect({ port, host: 'name.example', lookup, attemptDelay: 10 });
    await once(socket, 'connect');
    tracked(await listener.accept());
    expect(socket.remoteAddress).toBe('127.0.0.1');
    expect(refused).not.toHaveBeenCalled();
  });

  test('tells what a name was looked up to be, once for each address, or that it was not', async () => {
    const { listener, port } = await listening();
    const found: unknown[][] = [];
    const dial = (o: { host?: string; lookup?: LookupFunction }): Connection => {
      const socket = connection().on('lookup', (...one) => found.push(one));
      return socket.connect({ port, host: 'name.example', ...o });
    };
    await once(dial({ lookup: resolving('127.0.0.1', '::1') }), 'connect');
    const one: LookupFunction = (_host, _o, callback) => callback(null, '127.0.0.1', 4);
    await once(dial({ lookup: one }), 'connect');
    await once(dial({ host: '127.0.0.1' }), 'connect');
    for (let i = 0; i < 3; i++) tracked(await listener.accept());
    const error = new Error('unknown');
    const lookup: LookupFunction = (_host, _o, callback) => callback(error, '');
    await once(dial({ lookup }), 'error');
    expect(found).toEqual([
      [null, '127.0.0.1', 4, 'name.example'],
      [null, '::1', 6, 'name.example'],
      [null, '127.0.0.1', 4, 'name.example'],
      [error, undefined, undefined, 'name.example'],
    ]);
  });

  test('hands hints on to the lookup', async () => {
    const lookup = vi.fn(resolving('127.0.0.1'));
    const { listener, port } = await listening();
    connection().connect({ port, host: 'name.example', hints: 32, lookup });
    tracked(await listener.accept());
    expect(lookup.mock.calls[0][1]).toMatchObject({ hints: 32, all: true });
  });

  test('emits the error of connecting, and what was written fails', async () => {
    const port = await freePort();
    const socket = connection();
    const onClose = closed(socket);
    const written = new Promise((resolve) => socket.write('x', resolve));
    socket.connect(port, '127.0.0.1');
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error).toMatchObject({ code: 'ECONNREFUSED', address: '127.0.0.1', port });
    await onClose;
    expect(await written).toBeInstanceOf(Error);
  });

  test('gives up connecting when it is destroyed, or its time is over', async () => {
    const { port } = await silent('127.0.0.1');
    const socket = connection().connect({ port, host: '127.0.0.1', timeout: 10 });
    await once(socket, 'timeout');
    expect(socket.connecting).toBe(true);
    const onClose = closed(socket);
    socket.destroy();
    await onClose;
    const never = connection();
    const onNeverClose = closed(never);
    never.destroy();
    await onNeverClose;
  });

  test('gives up connecting, too, where all its listeners have been removed', async () => {
    const outcome = await inChild(async ({ net, node }) => {
      // The backlog is full: connecting gets no answer.
      const listener = await net.listen({ host: '127.0.0.1', port: 0, backlog: 0 });
      const target = { host: '127.0.0.1', port: listener.address.port };
      const first = await net.connect(target);
      const socket = new node.Connection().connect(target);
      socket.removeAllListeners();
      await new Promise((resolve) => setImmediate(resolve));
      socket.destroy();
      return [first.closed, socket.destroyed];
    });
    expect(outcome).toMatchObject({ code: 0, late: false, result: [false, true] });
  });

  test('sets keep-alive as the options say', async () => {
    const { listener, port } = await listening();
    const socket = connection();
    const setKeepAlive = vi.spyOn(socket, 'setKeepAlive');
    socket.connect({ port, host: '127.0.0.1', keepAlive: true, keepAliveInitialDelay: 5000 });
    tracked(await listener.accept());
    expect(setKeepAlive.mock.calls).toEqual([[true, 5000]]);
  });

  test('is destroyed by its signal, before it has connected and afterwards', async () => {
    const { port } = await silent('127.0.0.1');
    const { listener, port: other } = await listening();
    const dial = (
      to: number,
      signal: AbortSignal,
    ): { socket: Connection; ended: Promise<void> } => {
      const socket = connection().connect({ port: to, host: '127.0.0.1', signal });
      const told = once(socket, 'error');
      const ended = closed(socket).then(async () => {
        expect(await told).toMatchObject([{ name: 'AbortError' }]);
      });
      return { socket, ended };
    };
    await dial(other, aborted).ended;
    expect(listener.tryAccept()).toBeNull();
    const [waiting, open] = [new AbortController(), new AbortController()];
    const late = dial(port, waiting.signal);
    const made = dial(other, open.signal);
    await once(made.socket, 'connect');
    tracked(await listener.accept());
    for (const controller of [waiting, open]) controller.abort();
    await Promise.all([late.ended, made.ended]);
  });

  test('refuses to connect when it has been destroyed', async () => {
    const { port } = await listening();
    const socket = connection().destroy();
    expect(() => socket.connect(port)).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
    await once(socket, 'close');
    expect(() => socket.connect(port)).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
  });

  test('refuses what is no target at once, and a second one', async () => {
    const { port } = await listening();
    const socket = connection();
    for (const [given, code] of [
      [[], 'ERR_INVALID_ARG_TYPE'],
      [[true], 'ERR_INVALID_ARG_TYPE'],
      [[Symbol('x')], 'ERR_INVALID_ARG_TYPE'],
      [[{}], 'ERR_INVALID_ARG_TYPE'],
      [[{ path: 1 }], 'ERR_INVALID_ARG_TYPE'],
      [[{ port, autoSelectFamily: 1 }], 'ERR_INVALID_ARG_TYPE'],
      [[{ port: 1e6 }], 'ERR_OUT_OF_RANGE'],
      [[{ port: 'x' }], 'ERR_OUT_OF_RANGE'],
      [[{ port, host: 1 }], 'ERR_INVALID_ARG_TYPE'],
      [[{ port, localAddress: 'x' }], 'ERR_INVALID_IP_ADDRESS'],
      [[{ port, family: 'IPv5' }], 'ERR_INVALID_ARG_VALUE'],
      [[{ port, signal: {} }], 'ERR_INVALID_ARG_TYPE'],
      [[{ port, timeout: 'x' }], 'ERR_INVALID_ARG_TYPE'],
      [[{ port, socketOptions: { mark: 'x' } }], 'ERR_INVALID_ARG_TYPE'],
      [[{ port, blockList: new BlockList() }], 'ERR_INVALID_ARG_VALUE'],
      [[port, {}], 'ERR_INVALID_ARG_TYPE'],
      [[null], 'ERR_INVALID_ARG_TYPE'],
    ] as unknown as [[number], string][]) {
      expect(() => socket.connect(...given)).toThrow(expect.objectContaining({ code }));
    }
    expect(() => new Connection({ allowHalfOpen: 1 as unknown as boolean })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
    const foreign = { fd: 0, highWaterMark: 1, noDelay: false, objectMode: true, signal: aborted };
    for (const o of Object.entries(foreign).map((option) => Object.fromEntries([option]))) {
      expect(() => new Connection(o as object)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
      );
    }
    await once(socket.connect(port, '127.0.0.1'), 'connect');
    expect(() => socket.connect(port)).toThrow(expect.objectContaining({ code: 'ERR_BUSY' }));
  });
});
