import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  request,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test, vi } from 'vitest';
import { ANSWER, ways, Wire } from './serving';

/** Resolves when a count has not changed for many turns of the event loop. */
async function untilNothingHappens(count: () => number): Promise<void> {
  for (let before = -1, turns = 0; turns < 200; turns++) {
    if (count() !== before) turns = 0;
    before = count();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

// What Node's test/parallel/test-http-* expect of a server, checked by the bytes sent and received, for
// serveHttp and for a server that listens itself.
describe.each(ways)('http.Server by $name', ({ serve }) => {
  async function wireTo(
    listener: (...given: Parameters<RequestListener>) => unknown,
    o: ServerOptions = {},
  ) {
    const server = createServer(o, (...given) => void listener(...given));
    const { port } = await serve(server);
    return { server, port, wire: new Wire(port) };
  }

  test('keeps a connection, but for HTTP/1.0 and where one side says that it closes', async () => {
    const { wire, port } = await wireTo(({ url }, response) => response.end(`${url} end`));
    for (const path of ['/first', '/second']) {
      wire.send(`GET ${path} HTTP/1.1\nHost: x\n\n`);
      expect(await wire.until(ANSWER)).toMatch(
        new RegExp(`Connection: keep-alive[^]*${path} end$`),
      );
    }
    wire.send('GET /last HTTP/1.1\nHost: x\nConnection: close\n\n');
    expect(await wire.rest()).toMatch(/Connection: close[^]*\/last end$/);
    const old = new Wire(port).send('GET /old HTTP/1.0\n\n');
    expect(await old.rest()).toMatch(/Connection: close[^]*\/old end$/);
  });

  test('answers requests in their order, whichever is finished first', async () => {
    const responses: ServerResponse[] = [];
    const { wire } = await wireTo((_, response) => {
      responses.push(response);
      if (responses.length < 3) return;
      for (const i of [2, 1, 0]) responses[i].end(`${i} end`);
    });
    wire.send('GET / HTTP/1.1\nHost: x\n\n'.repeat(3));
    for (const i of [0, 1, 2]) expect(await wire.until(ANSWER)).toMatch(new RegExp(`${i} end$`));
  });

  test('hands the connection over to a protocol that it is upgraded to, with what came behind', async () => {
    const { wire, server } = await wireTo(() => undefined);
    server.on('upgrade', ({ headers }: IncomingMessage, socket: Socket, head: Buffer) => {
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${headers.upgrade}\r\n\r\n`);
      socket.write(head);
      socket.pipe(socket);
    });
    wire.send('GET / HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: echo\n\nhead');
    expect(await wire.until(/\r\n\r\nhead/)).toMatch(/^HTTP\/1\.1 101 [^]*Upgrade: echo/);
    wire.send('hello');
    await wire.until(/^hello$/);
    wire.socket.end();
    expect(await wire.rest()).toBe('');
  });

  test('hands the connection over for a tunnel', async () => {
    const { wire, server } = await wireTo(() => undefined);
    server.on('connect', ({ url }: IncomingMessage, socket: Socket) => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.end(`to ${url}`);
    });
    wire.send('CONNECT example.org:443 HTTP/1.1\nHost: x\n\n');
    expect(await wire.rest()).toMatch(/\r\n\r\nto example\.org:443$/);
  });

  test('tells a client to go on with its body, or asks the program', async () => {
    const { wire, server } = await wireTo((incoming, response) => {
      void text(incoming).then((body) => response.end(`${body} end`));
    });
    const head = 'POST / HTTP/1.1\nHost: x\nContent-Length: 4\nExpect: 100-continue\n\n';
    wire.send(head);
    await wire.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
    wire.send('body');
    expect(await wire.until(ANSWER)).toMatch(/body end$/);
    server.on('checkContinue', (_, response: ServerResponse) => {
      response.writeHead(417, { connection: 'close' }).end();
    });
    wire.send(head);
    expect(await wire.rest()).toMatch(/^HTTP\/1\.1 417 /);
  });

  test('waits for a client that does not read, and goes on when it does', async () => {
    const chunk = 'x'.repeat(65536);
    const all = 400;
    let written = 0;
    const { wire } = await wireTo(async (_, response) => {
      while (written++ < all) if (!response.write(chunk)) await once(response, 'drain');
      response.end('end');
    });
    wire.socket.pause();
    wire.send('GET / HTTP/1.1\nHost: x\nConnection: close\n\n');
    await vi.waitUntil(() => written > 1);
    await untilNothingHappens(() => written);
    expect(written).toBeLessThan(all);
    wire.socket.resume();
    const body = await wire.rest();
    expect(body).toMatch(/Transfer-Encoding: chunked/);
    expect(body.match(/x{65536}/g)).toHaveLength(all);
    expect(body).toMatch(/\r\n3\r\nend\r\n0\r\n\r\n$/);
  });

  test('holds a client back whose body nobody reads', async () => {
    const { port, server } = await wireTo(() => undefined);
    const sent = request({ port, host: '127.0.0.1', method: 'POST' });
    sent.flushHeaders();
    const [incoming, response] = (await once(server, 'request')) as [
      IncomingMessage,
      ServerResponse,
    ];
    const chunk = Buffer.alloc(65536);
    const all = 400;
    let count = 0;
    const sending = (async () => {
      while (count++ < all) if (!sent.write(chunk)) await once(sent, 'drain');
      sent.end();
    })();
    await untilNothingHappens(() => count);
    expect(count).toBeLessThan(all);
    let length = 0;
    for await (const part of incoming) length += (part as Buffer).length;
    await sending;
    expect(length).toBe(all * chunk.length);
    response.end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    await text(answer);
  });

  test('tells a response that its client has gone', async () => {
    const { wire, server } = await wireTo(() => undefined);
    wire.send('GET / HTTP/1.1\nHost: x\n\n');
    const [incoming, response] = (await once(server, 'request')) as [
      IncomingMessage,
      ServerResponse,
    ];
    const error = once(incoming, 'error');
    const gone = once(response, 'close');
    response.write('begun');
    await wire.until(/begun/);
    wire.socket.destroy();
    expect(await error).toMatchObject([{ code: 'ECONNRESET', message: 'aborted' }]);
    await gone;
    expect([incoming.destroyed, response.destroyed, response.writableFinished]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('cuts a response short, which its client can tell', async () => {
    const { port, server } = await wireTo((_, response) => {
      response.write('begun', () => response.destroy());
    });
    const sent = request({ port, host: '127.0.0.1' }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    await expect(text(answer)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(server.listenerCount('clientError')).toBe(0);
  });

  test('answers a client that has ended its side already', async () => {
    const { wire } = await wireTo((_, response) => response.end('end'));
    wire.send('GET / HTTP/1.1\nHost: x\n\n').socket.end();
    expect(await wire.rest()).toMatch(/\r\n\r\nend$/);
  });

  test('closes a connection on which nothing happens, or asks the program', async () => {
    const { wire, server, port } = await wireTo(() => undefined);
    server.setTimeout(20);
    await once(wire.socket, 'connect');
    // The first connection was accepted before that.
    const silent = new Wire(port).send('GET / HTTP/1.1\nHost: x\n\n');
    expect(await silent.rest()).toBe('');
    const onTimeout = vi.fn((socket: Socket) => socket.end('late'));
    server.on('timeout', onTimeout);
    const asked = new Wire(port).send('GET / HTTP/1.1\nHost: x\n\n');
    expect(await asked.rest()).toBe('late');
    expect(onTimeout).toHaveBeenCalled();
  });

  test('does not wait for ever for the rest of a request', async () => {
    // Long enough to read the request: closing with unread bytes resets the connection.
    const limits = { headersTimeout: 300, requestTimeout: 300, connectionsCheckingInterval: 10 };
    const { wire, port } = await wireTo(() => undefined, limits);
    expect(await wire.send('GET / HTTP/1.1\nHost').rest()).toMatch(/^HTTP\/1\.1 408 /);
    const body = new Wire(port).send('POST / HTTP/1.1\nHost: x\nContent-Length: 9\n\nbody');
    expect(await body.rest()).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('hands on trailers, both ways', async () => {
    const { wire } = await wireTo((incoming, response) => {
      incoming.resume().on('end', () => {
        response.writeHead(200, { trailer: 'x-sum' });
        response.write('body');
        response.addTrailers({ 'x-sum': `of ${incoming.trailers['x-sum']}` });
        response.end();
      });
    });
    wire.send('POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n2\nab\n0\nX-Sum: 7\n\n');
    expect(await wire.until(/0\r\n[^]*\r\n\r\n$/)).toMatch(/\r\n0\r\nx-sum: of 7\r\n\r\n$/);
  });

  test('refuses what is no HTTP', async () => {
    const { wire } = await wireTo(() => undefined);
    expect(await wire.send('hello\n\n').rest()).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  });

  test('closes the connections that are idle, and no others', async () => {
    const { wire, server, port } = await wireTo(({ url }, response) => {
      if (url === '/now') response.end('end');
      else server.once('finish it', () => response.end('end'));
    });
    const busy = new Wire(port);
    busy.send('GET /later HTTP/1.1\nHost: x\n\n');
    await once(server, 'request');
    await wire.send('GET /now HTTP/1.1\nHost: x\n\n').until(ANSWER);
    // The connection is idle when the response has finished, after the client has it.
    await new Promise((resolve) => setImmediate(resolve));
    server.closeIdleConnections();
    expect(await wire.rest()).toBe('');
    server.emit('finish it');
    await busy.until(ANSWER);
    server.closeAllConnections();
    expect(await busy.rest()).toBe('');
  });
});
