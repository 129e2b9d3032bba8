import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer as createNetServer, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test, vi } from 'vitest';
import { type Listener, listen } from '../../lib/net';
import { serveHttp } from '../../lib/node';
import type { SocketDuplex } from '../../lib/node/socket-duplex';
import { listening } from '../io/peers';
import { tracked } from '../support/opened';
import { ANSWER, EXPECTING, GET, goOn, pending, serving, Wire } from './serving';

describe('serveHttp', () => {
  test('leaves a session of HTTP/2 to its client when the listener is closed', async () => {
    const server = createHttp2Server((_, response) => response.end('end'));
    const { port, listener, served } = await serving(server);
    const session = tracked(connectHttp2(`http://127.0.0.1:${port}`));
    for (let i = 0; i < 2; i++) {
      expect(await text(session.request({ ':path': '/' }).end())).toBe('end');
      listener.close();
    }
    session.close();
    await served;
  });

  describe.each([
    ['the listener is closed', (listener: Listener) => listener.close()],
    ['the server is closed', (_: Listener, server: Server) => void server.close()],
  ])('when %s', (_, close) => {
    test('closes idle connections, answers requests that have begun, and resolves then', async () => {
      const { server, responses } = pending();
      const { port, listener, served } = await serving(server);
      const [busy, idle] = [new Wire(port), new Wire(port)];
      busy.send(GET);
      await once(server, 'request');
      idle.send(GET);
      await once(server, 'request');
      responses[1].end('end');
      await idle.until(ANSWER);
      const over = vi.fn();
      void served.then(over);
      close(listener, server);
      expect(await idle.rest()).toBe('');
      expect(listener.closed).toBe(true);
      expect(over).not.toHaveBeenCalled();
      responses[0].end('end');
      expect(await busy.rest()).toMatch(ANSWER);
      await served;
    });
  });

  describe('when the listener is closed', () => {
    test('goes on with an answer that is on its way to a slow client', async () => {
      const bytes = 'x'.repeat(16 << 20);
      const server = createServer((_, response) => response.end(`${bytes}end`));
      const { port, listener, served } = await serving(server);
      const slow = new Wire(port).send(GET);
      slow.socket.pause();
      await once(server, 'request');
      listener.close();
      await new Promise((resolve) => setImmediate(resolve));
      slow.socket.resume();
      expect((await slow.rest()).length).toBeGreaterThan(bytes.length);
      await served;
    });

    test('answers all requests of a pipeline', async () => {
      const { server, responses } = pending();
      const { port, listener, served } = await serving(server);
      const wire = new Wire(port).send(GET + GET);
      while (responses.length < 2) await once(server, 'request');
      listener.close();
      responses[0].end('first end');
      expect(await wire.until(ANSWER)).toMatch(/keep-alive[^]*first end$/);
      responses[1].end('second end');
      expect(await wire.rest()).toMatch(/Connection: close[^]*second end$/);
      await served;
    });

    test('answers what is sent before a client can know that the connection ends', async () => {
      const { server, responses } = pending();
      const { port, listener, served } = await serving(server);
      const wire = new Wire(port);
      for (let i = 0; i < 3; i++) {
        wire.send(GET);
        await once(server, 'request');
        listener.close();
        await new Promise((resolve) => setImmediate(resolve));
      }
      for (const i of [0, 1]) {
        responses[i].end(`${i} end`);
        expect(await wire.until(ANSWER)).toMatch(new RegExp(`keep-alive[^]*${i} end$`));
      }
      responses[2].end('2 end');
      expect(await wire.rest()).toMatch(/Connection: close[^]*2 end$/);
      await served;
    });

    test('closes a connection after such a response, whatever its client sends behind', async () => {
      const { server, responses } = pending();
      const { port, listener, served } = await serving(server);
      const wire = new Wire(port).send(GET);
      await once(server, 'request');
      listener.close();
      await new Promise((resolve) => setImmediate(resolve));
      responses[0].write('begun ');
      expect(await wire.until(/begun/)).toMatch(/Connection: close/);
      wire.send(GET.slice(0, 10));
      responses[0].end('end');
      expect(await wire.rest()).toMatch(/end/);
      await served;
    });

    test('leaves to a response what it says about its connection', async () => {
      const { server, responses } = pending();
      const { port, listener, served } = await serving(server);
      const wire = new Wire(port).send(GET);
      await once(server, 'request');
      listener.close();
      await new Promise((resolve) => setImmediate(resolve));
      responses[0].setHeader('connection', 'keep-alive').end('end');
      expect(await wire.rest()).toMatch(/connection: keep-alive/);
      await served;
    });

    test.each([0, 1])(
      'answers a request whose head has begun, behind %i others',
      async (before) => {
        const server = createServer((_, response) => response.end('end'));
        server.keepAliveTimeout = 0;
        const { port, listener, served } = await serving(server);
        const wire = new Wire(port);
        const [connection] = (await once(server, 'connection')) as [SocketDuplex];
        for (let i = 0; i < before; i++) await wire.send(GET).until(ANSWER);
        const { bytesRead } = connection;
        wire.send(GET.slice(0, 10));
        await vi.waitUntil(() => connection.bytesRead > bytesRead, { timeout: 20_000 });
        listener.close();
        await new Promise((resolve) => setImmediate(resolve));
        expect(await wire.send(GET.slice(10)).rest()).toMatch(ANSWER);
        await served;
      },
    );

    test('closes a connection whose request was answered before all of it had come', async () => {
      const server = createServer((_, response) => response.end('early end'));
      server.keepAliveTimeout = 0;
      const { port, listener, served } = await serving(server);
      const wire = new Wire(port);
      const [connection] = (await once(server, 'connection')) as [SocketDuplex];
      await wire.send('POST / HTTP/1.1\nHost: x\nContent-Length: 4\n\n').until(ANSWER);
      const { bytesRead } = connection;
      wire.send('late');
      await vi.waitUntil(() => connection.bytesRead > bytesRead, { timeout: 20_000 });
      listener.close();
      await served;
    });

    test('closes a connection whose request was answered where it asks whether to go on', async () => {
      const server = createServer();
      server.on('checkContinue', goOn);
      server.keepAliveTimeout = 0;
      const { port, listener, served } = await serving(server);
      await new Wire(port).send(EXPECTING).until(ANSWER);
      listener.close();
      await served;
    });

    test('closes a connection whose request the server has answered by itself', async () => {
      const server = createServer();
      server.keepAliveTimeout = 0;
      const { port, listener, served } = await serving(server);
      const wire = new Wire(port).send(EXPECTING.replace('100-continue', 'more'));
      await wire.until(/^HTTP\/1\.1 417 [^]*\r\n0\r\n\r\n/);
      listener.close();
      await served;
    });

    test('closes a connection whose request was answered by who has come to listen meanwhile', async () => {
      const server = createServer();
      server.keepAliveTimeout = 0;
      const { port, listener, served } = await serving(server);
      for (const event of ['request', 'checkContinue', 'checkExpectation']) server.on(event, goOn);
      for (const asking of [GET, EXPECTING, EXPECTING.replace('100-continue', 'more')]) {
        await new Wire(port).send(asking).until(ANSWER);
      }
      listener.close();
      await served;
    });

    test('leaves the connections of another one alone', async () => {
      const server = createServer((_, response) => response.end('end'));
      const [first, second] = [await serving(server), await serving(server)];
      const idle = new Wire(second.port).send(GET);
      await idle.until(ANSWER);
      first.listener.close();
      await first.served;
      await idle.send(GET).until(ANSWER);
    });

    test('leaves a connection alone that speaks another protocol by now', async () => {
      const server = createServer((_, response) => response.end('end'));
      server.on('upgrade', (_, socket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
        socket.pipe(socket);
      });
      const { port, listener, served } = await serving(server);
      const wire = new Wire(port).send(GET);
      await wire.until(ANSWER);
      wire.send('GET / HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: echo\n\n');
      await wire.until(/101[^]*?\r\n\r\n/);
      listener.close();
      await new Promise((resolve) => setImmediate(resolve));
      wire.send('hello').socket.end();
      expect(await wire.rest()).toBe('hello');
      await served;
    });
  });

  test('has a server that was closed say so once', async () => {
    const server = createServer();
    const onClose = vi.fn();
    server.on('close', onClose);
    const { served } = await serving(server);
    server.close();
    await served;
    await new Promise((resolve) => setImmediate(resolve));
    expect(onClose).toHaveBeenCalledTimes(1);
  });

  test('has the server say that it is closed when all is over, and once', async () => {
    const { server, responses } = pending();
    const { port, listener, served } = await serving(server);
    const onClose = vi.fn();
    server.on('close', onClose);
    const wire = new Wire(port).send(GET);
    await once(server, 'request');
    listener.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(onClose).not.toHaveBeenCalled();
    responses[0].end('end');
    await wire.rest();
    await served;
    await new Promise((resolve) => setImmediate(resolve));
    expect(onClose).toHaveBeenCalledTimes(1);
  });

  test('has said so when it resolves: the server can be served again at once', async () => {
    const server = createServer((_, response) => response.end('end'));
    for (let i = 0; i < 2; i++) {
      const listener = tracked(await listen({ host: '127.0.0.1', port: 0 }));
      const onClose = vi.fn();
      const served = serveHttp(listener, server.once('close', onClose));
      await new Wire((listener.address as AddressInfo).port).send(GET).until(ANSWER);
      listener.close();
      await served;
      expect(onClose).toHaveBeenCalledTimes(1);
    }
  });

  test('resolves while the server has connections of its own', async () => {
    const { server } = pending();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const own = new Wire((server.address() as AddressInfo).port).send(GET);
    await once(server, 'request');
    server.close();
    const onClose = once(server, 'close');
    const { listener, served } = await serving(server);
    listener.close();
    await served;
    own.socket.destroy();
    await onClose;
  });

  test('destroys what is left when the time to drain is over', async () => {
    const { server } = pending();
    const { port, listener, served } = await serving(server);
    const wire = new Wire(port).send(GET);
    await once(server, 'request');
    await listener.close({ drain: AbortSignal.abort() });
    expect(await wire.rest()).toBe('');
    await served;
  });

  test('destroys then, too, what its client has ended', async () => {
    const server = createNetServer({ allowHalfOpen: true });
    const { port, listener, served } = await serving(server);
    const wire = new Wire(port);
    wire.socket.end();
    const [connection] = (await once(server, 'connection')) as [SocketDuplex];
    await once(connection.resume(), 'end');
    await listener.close({ drain: AbortSignal.abort() });
    expect(await wire.rest()).toBe('');
    await served;
  });

  test('destroys all connections when it is aborted', async () => {
    const { server } = pending();
    const abort = new AbortController();
    const { port, listener, served } = await serving(server, { signal: abort.signal });
    const wire = new Wire(port).send(GET);
    const [incoming] = (await once(server, 'request')) as [IncomingMessage];
    incoming.on('error', () => undefined);
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(served).rejects.toBe(reason);
    expect(await wire.rest()).toBe('');
    expect([listener.closed, server.listenerCount('close')]).toEqual([true, 0]);
  });

  test('leaves the listener alone when it is aborted before', async () => {
    const { listener } = await listening();
    const server = createServer();
    const onListening = vi.fn();
    server.on('listening', onListening);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(serveHttp(listener, server, { signal })).rejects.toThrow('enough');
    expect([listener.closed, onListening.mock.calls]).toEqual([false, []]);
  });
});
