import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { BlockList, createServer as createNetServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { EINVAL, EMFILE } from '../../lib/errors';
import { native } from '../../lib/native';
import { connect, listen } from '../../lib/net';
import { serveHttp } from '../../lib/node';
import { SocketDuplex } from '../../lib/node/socket-duplex';
import { listening, readAll } from '../io/peers';
import { temporary, tracked } from '../support/opened';
import { bytesOf } from './duplex';
import { ANSWER, EXPECTING, GET, goOn, pending, serving, ways, Wire } from './serving';

describe('serveHttp', () => {
  afterEach(() => {
    process.setUncaughtExceptionCaptureCallback(null);
    vi.restoreAllMocks();
  });

  test('gives a server connections that know their addresses', async () => {
    const server = createServer(({ socket }, response) => {
      response.end(`${socket.remoteAddress} ${socket.remoteFamily} ${socket.localPort} end`);
    });
    const { port } = await serving(server);
    const wire = new Wire(port).send(GET);
    expect(await wire.until(ANSWER)).toMatch(new RegExp(`127\\.0\\.0\\.1 IPv4 ${port} end$`));
  });

  test('gives a session of HTTP/2 a connection that knows its client', async () => {
    const server = createHttp2Server(({ socket }, response) => {
      response.end(`${socket.remoteAddress} ${socket.remoteFamily} ${socket.remotePort}`);
    });
    const { port } = await serving(server);
    const session = tracked(connectHttp2(`http://127.0.0.1:${port}`));
    const body = await text(session.request({ ':path': '/' }).end());
    expect(body).toBe(`127.0.0.1 IPv4 ${session.socket.localPort}`);
  });

  test('leaves streams of HTTP/2 to who listens for them', async () => {
    const server = createHttp2Server();
    server.on('stream', (stream) => {
      stream.on('wantTrailers', () => stream.sendTrailers({ trailer: 'own' }));
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.end('body');
    });
    const { port } = await serving(server);
    expect(server.listenerCount('request')).toBe(0);
    const session = tracked(connectHttp2(`http://127.0.0.1:${port}`));
    const request = session.request({ ':path': '/' }).end();
    const [trailers] = await Promise.all([once(request, 'trailers'), text(request)]);
    expect(trailers[0]).toMatchObject({ trailer: 'own' });
  });

  test('serves any server that takes connections, over Unix sockets as well', async () => {
    const path = temporary('socket');
    const listener = tracked(await listen({ path }));
    const server = createNetServer((socket) => socket.pipe(socket));
    const served = serveHttp(listener, server);
    const stream = tracked(await connect({ path }));
    await stream.write('hello');
    await stream.shutdown();
    expect((await readAll(stream)).toString()).toBe('hello');
    listener.close();
    await served;
  });

  test('leaves to the server again what nobody listens for any more', async () => {
    const server = createServer((_, response) => response.end('an end'));
    server.once('checkContinue', goOn);
    const [{ port }] = [await serving(server), await serving(server)];
    expect(await new Wire(port).send(EXPECTING).until(ANSWER)).toMatch(/it went on, end$/);
    expect(await new Wire(port).send(EXPECTING).until(ANSWER)).toMatch(/an end$/);
    expect(server.listenerCount('checkContinue')).toBe(0);
  });

  test('ends, and gives the slot back, where all listeners of a connection have been removed', async () => {
    const server = createServer((_, response) => response.end('end'));
    server.on('upgrade', (_, socket) => {
      socket.removeAllListeners();
      socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
      socket.resume();
    });
    const { port, listener, served } = await serving(server, { maxConnections: 1 });
    const wire = new Wire(port);
    wire.send('GET / HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: other\n\n');
    await wire.rest();
    wire.socket.end();
    await new Wire(port).send(GET).until(ANSWER);
    listener.close();
    await served;
  });

  test('feeds one server from several listeners, until the last of them is closed', async () => {
    const server = createServer((_, response) => response.end('end'));
    const onListening = vi.fn();
    const onClose = vi.fn();
    server.on('listening', onListening).on('close', onClose);
    const [first, second] = [await serving(server), await serving(server)];
    first.listener.close();
    await first.served;
    await new Wire(second.port).send(GET).until(ANSWER);
    expect([onListening.mock.calls.length, onClose.mock.calls.length]).toEqual([1, 0]);
    second.listener.close();
    await second.served;
    expect(onClose).toHaveBeenCalledTimes(1);
  });

  test('drops what is more than the server takes, from all listeners together', async () => {
    const { server } = pending();
    server.maxConnections = 1;
    const [first, { port }] = [await serving(server), await serving(server)];
    new Wire(first.port).send(GET);
    await once(server, 'request');
    const dropped = once(server, 'drop');
    expect(await new Wire(port).rest()).toBe('');
    expect(await dropped).toMatchObject([
      { remoteAddress: '127.0.0.1', remoteFamily: 'IPv4', localPort: port },
    ]);
  });

  test('drops whom the server blocks', async () => {
    const server = createServer((_, response) => response.end('end'));
    const blockList = new BlockList();
    blockList.addAddress('127.0.0.1');
    const { port } = await serving(Object.assign(server, { blockList }));
    expect(await new Wire(port).send(GET).rest()).toBe('');
  });

  test('leaves what is more than it is to serve in the backlog', async () => {
    const server = createServer((_, response) => response.end('end'));
    const { port } = await serving(server, { maxConnections: 1 });
    const first = new Wire(port).send(GET);
    await first.until(ANSWER);
    const second = new Wire(port).send(GET);
    const answer = second.until(ANSWER);
    first.socket.end();
    await answer;
  });

  test('makes a mistake of a listener an uncaught exception, and destroys the connection', async () => {
    const mistake = Object.assign(new Error('no such file'), { syscall: 'open', code: 'ENOENT' });
    const uncaught = vi.fn();
    process.setUncaughtExceptionCaptureCallback(uncaught);
    const server = createNetServer(() => {
      throw mistake;
    });
    const { port, listener, served } = await serving(server);
    expect(await new Wire(port).rest()).toBe('');
    listener.close();
    await served;
    expect(uncaught.mock.calls).toEqual([[mistake]]);
  });

  test('sets keep-alive where the server wants it', async () => {
    const server = createServer({ keepAlive: true, keepAliveInitialDelay: 77_000 });
    const setKeepAlive = vi.spyOn(SocketDuplex.prototype, 'setKeepAlive');
    const { port } = await serving(server);
    await Promise.all([once(server, 'connection'), once(new Wire(port).socket, 'connect')]);
    expect(setKeepAlive.mock.calls).toEqual([[true, 77_000]]);
  });

  test('delays small writes where a server of HTTP wants it', async () => {
    const setNoDelay = vi.spyOn(SocketDuplex.prototype, 'setNoDelay');
    const noDelay = false;
    const wanting = [createServer({ noDelay }), createHttpsServer({ noDelay })];
    for (const server of [...wanting, createServer(), createHttpsServer(), createNetServer()]) {
      const { port } = await serving(server);
      await Promise.all([once(server, 'connection'), once(new Wire(port).socket, 'connect')]);
    }
    expect(setNoDelay.mock.calls).toEqual([[false], [false]]);
  });

  test('buffers as much as the server wants', async () => {
    const server = createServer({ highWaterMark: 1000 });
    const { port } = await serving(server);
    const [[connection]] = (await Promise.all([
      once(server, 'connection'),
      once(new Wire(port).socket, 'connect'),
    ])) as [[Socket], unknown];
    const { readableHighWaterMark, writableHighWaterMark } = connection;
    expect([readableHighWaterMark, writableHighWaterMark]).toEqual([1000, 1000]);
  });

  test('goes on with the failure of a connection', async () => {
    const server = createServer((incoming, response) => {
      incoming.on('error', () => undefined).pipe(response);
    });
    const { port } = await serving(server);
    const lost = new Wire(port).send('POST / HTTP/1.1\nHost: x\nContent-Length: 9\n\n');
    await once(server, 'connection');
    lost.socket.resetAndDestroy();
    const sent = request({ port, host: '127.0.0.1', method: 'POST' }).end('hello');
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    expect(await text(answer)).toBe('hello');
  });

  test('says once that there are no descriptors, and goes on when there are', async () => {
    vi.spyOn(native, 'accept').mockReturnValueOnce(EMFILE);
    const warned = once(process, 'warning');
    const { port } = await serving(createServer((_, response) => response.end('end')));
    await new Wire(port).send(GET).until(ANSWER);
    expect(await warned).toMatchObject([{ code: 'EMFILE', syscall: 'accept' }]);
  });

  test('rejects with an error of the listener, and leaves the connections alone', async () => {
    const { server, responses } = pending();
    const { port, listener, served } = await serving(server);
    const wire = new Wire(port).send(GET);
    await once(server, 'request');
    vi.spyOn(native, 'accept').mockReturnValueOnce(EINVAL);
    await once(new Wire(port).socket, 'connect');
    await expect(served).rejects.toMatchObject({ code: 'EINVAL', syscall: 'accept' });
    responses[0].end('end');
    await wire.until(ANSWER);
    server.closeAllConnections();
    listener.close();
  });

  test('refuses what is no listener, server, option or signal', async () => {
    const { listener } = await listening();
    const server = createServer();
    const onListening = vi.fn();
    server.on('listening', onListening);
    const code = 'ERR_INVALID_ARG_TYPE';
    for (const given of [
      [{}, server],
      [listener, {}],
      [listener, server, 1],
      [listener, server, { signal: 1 }],
      [listener, server, { maxConnections: 'x' }],
    ] as unknown as Parameters<typeof serveHttp>[]) {
      await expect(serveHttp(...given)).rejects.toMatchObject({ code });
    }
    expect([listener.closed, onListening.mock.calls]).toEqual([false, []]);
  });
});

describe.each(ways)('net.Server by $name', ({ serve }) => {
  test('receives nothing before the program wants it, where the server pauses on connect', async () => {
    const server = createNetServer({ pauseOnConnect: true });
    const { port } = await serve(server);
    const wire = new Wire(port).send('hello');
    const [connection] = (await once(server, 'connection')) as [Socket];
    const received = bytesOf(connection, 5);
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect([connection.isPaused(), connection.bytesRead]).toEqual([true, 0]);
    connection.resume();
    expect(String(await received)).toBe('hello');
    wire.socket.end();
  });
});
