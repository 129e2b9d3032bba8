import { once } from 'node:events';
import { createServer as createHttpsServer, get } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { connect as netConnect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  connect,
  createSecureContext,
  createServer,
  type SecureVersion,
  type TlsOptions,
  type TLSSocket,
} from 'node:tls';
import { describe, expect, test, vi } from 'vitest';
import { connectTls, type ConnectTlsOptions, HttpsAgent } from '../../lib/node';
import { freePort, resolving, silent } from '../io/loopback';
import { pattern } from '../io/peers';
import { tracked } from '../support/opened';
import { certificates } from '../support/certificates';
import { inChild } from '../support/child';
import { closed, recorded } from './duplex';
import { serving } from './serving';

const { ca, identity } = certificates();
const { cert, key } = identity('localhost');

/** A server that sends the requested name and the client's name, and then echoes. */
async function greeting(o: TlsOptions = {}): Promise<number> {
  const server = createServer({ cert, key, ...o }, (socket) => {
    const { subject } = socket.getPeerCertificate() as { subject?: { CN: string } };
    socket.write(
      `${socket.servername === false ? 'nobody' : socket.servername} ${subject?.CN ?? 'anybody'}\n`,
    );
    socket.pipe(socket);
    socket.on('error', () => undefined);
  });
  server.on('tlsClientError', () => undefined);
  return (await serving(server)).port;
}

/** Trusts the root, and expects the certificate of localhost from 127.0.0.1. */
function open(
  port: number,
  o: Partial<Extract<ConnectTlsOptions, { port: number }>> = {},
): TLSSocket {
  const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca, ...o });
  return tracked(socket);
}

async function greeted(
  port: number,
  o?: Partial<Extract<ConnectTlsOptions, { port: number }>>,
): Promise<string> {
  const socket = open(port, o);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return chunk.toString();
}

describe('TLS over our streams', () => {
  test('carries megabytes both ways, by a chain of certificates up to the root', async () => {
    const socket = open(await greeting());
    const [hello] = (await once(socket, 'data')) as [Buffer];
    expect([hello.toString(), socket.authorized, socket.getProtocol()]).toEqual([
      'localhost anybody\n',
      true,
      'TLSv1.3',
    ]);
    const bytes = pattern(4 << 20);
    socket.end(bytes);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  test('hands out all of it to one who reads late, and ends then', async () => {
    const bytes = pattern(40_000);
    const server = createServer({ cert, key }, (socket) => socket.end(bytes));
    const { port } = await serving(server);
    const socket = open(port);
    await once(socket, 'readable');
    // The other side has ended long before.
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    const onClose = closed(socket);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    await onClose;
  });

  test('knows the addresses of both ends, on both sides', async () => {
    const server = createServer({ cert, key }, (socket) => {
      socket.end(`${socket.remotePort} ${socket.remoteAddress} ${socket.localFamily}`);
    });
    const { port } = await serving(server);
    const socket = open(port);
    await once(socket, 'secureConnect');
    expect([socket.remotePort, socket.remoteFamily]).toEqual([port, 'IPv4']);
    const { localPort } = socket;
    expect(await text(socket)).toBe(`${localPort} 127.0.0.1 IPv4`);
  });

  test('calls the listener that it was given once it may be used, as tls.connect does', async () => {
    const target = { port: await greeting(), host: '127.0.0.1', servername: 'localhost', ca };
    const authorized = await new Promise((resolve) => {
      const socket = tracked(connectTls(target, () => resolve(socket.authorized)));
    });
    expect(authorized).toBe(true);
    expect(() => connectTls(target, 'x' as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });

  test('agrees on a protocol (ALPN)', async () => {
    const port = await greeting({ ALPNProtocols: ['h2', 'http/1.1'] });
    const socket = open(port, { ALPNProtocols: ['http/1.1'] });
    await once(socket, 'secureConnect');
    expect(socket.alpnProtocol).toBe('http/1.1');
  });

  test('asks for a name, and gets the certificate of that name (SNI)', async () => {
    const other = createSecureContext(identity('other'));
    const port = await greeting({
      SNICallback: (name, callback) => callback(null, name === 'other.example' ? other : undefined),
    });
    expect(await greeted(port, { servername: 'other.example' })).toBe('other.example anybody\n');
    const byHost = { host: 'localhost', family: 4, servername: undefined } as const;
    expect(await greeted(port, byHost)).toBe('localhost anybody\n');
    // An address is not a name: the server sends its default certificate.
    expect(await greeted(port, { servername: undefined })).toBe('nobody anybody\n');
  });

  test('tells a server who its client is, and lets no stranger in', async () => {
    const port = await greeting({ ca, requestCert: true, rejectUnauthorized: true });
    expect(await greeted(port, identity('client'))).toBe('localhost client\n');
    for (const [who, code] of [
      [identity('stranger'), 'ECONNRESET'],
      [{}, expect.stringMatching(/^ERR_SSL_.*_ALERT_HANDSHAKE_FAILURE$/)],
    ] as const) {
      const socket = open(port, { ...who, maxVersion: 'TLSv1.2' });
      expect(await once(socket, 'error')).toMatchObject([{ code }]);
    }
  });

  test.each<SecureVersion>(['TLSv1.2', 'TLSv1.3'])('resumes a session of %s', async (version) => {
    const port = await greeting({ maxVersion: version, minVersion: version });
    const first = open(port);
    const [[session]] = (await Promise.all([once(first, 'session'), once(first, 'data')])) as [
      [Buffer],
      unknown,
    ];
    expect(first.isSessionReused()).toBe(false);
    const second = open(port, { session });
    await once(second, 'data');
    expect(second.isSessionReused()).toBe(true);
  });

  test('trusts nobody but whom it is told to, by the name that it has asked for', async () => {
    const port = await greeting();
    for (const [o, code] of [
      [{ ca: undefined }, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
      [{ servername: 'other.example' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ] as const) {
      const socket = open(port, o);
      const onClose = closed(socket);
      expect(await once(socket, 'error')).toMatchObject([{ code }]);
      await onClose;
    }
  });

  test('emits the error of connecting', async () => {
    const port = await freePort();
    const socket = open(port);
    const onClose = closed(socket);
    const code = 'ECONNREFUSED';
    expect(await once(socket, 'error')).toMatchObject([{ code, address: '127.0.0.1', port }]);
    await onClose;
  });

  test('is connecting until it has connected, and secure after that', async () => {
    const port = await greeting();
    const socket = open(port, { host: 'name.example', lookup: resolving('127.0.0.1') });
    expect(socket).toMatchObject({ connecting: true, pending: true, readyState: 'opening' });
    const events = recorded(socket, 'lookup', 'connect', 'ready', 'secureConnect');
    const connected = once(socket, 'connect');
    await Promise.all([connected, once(socket, 'secureConnect')]);
    expect(socket).toMatchObject({ connecting: false, pending: false, readyState: 'open' });
    expect(events).toEqual(['lookup', 'connect', 'ready', 'secureConnect']);
  });

  test('says that nothing has happened for its timeout, also while it connects', async () => {
    const { port } = await silent('127.0.0.1');
    const socket = open(port, { timeout: 10 });
    await once(socket, 'timeout');
    expect([socket.timeout, socket.connecting]).toEqual([10, true]);
  });

  test('gives up connecting when it is destroyed', async () => {
    const { port } = await silent('127.0.0.1');
    const socket = open(port);
    const onClose = closed(socket);
    socket.destroy();
    await onClose;
  });

  test('gives up when its signal aborts, also before', async () => {
    const port = await greeting();
    const controller = new AbortController();
    for (const signal of [AbortSignal.abort(), controller.signal]) {
      const socket = open(port, { signal });
      const events = recorded(socket, 'error', 'secureConnect');
      const onClose = closed(socket);
      if (!signal.aborted) {
        await once(socket, 'secureConnect');
        controller.abort();
      }
      await onClose;
      expect(events.at(-1)).toBe('error ABORT_ERR');
      expect(socket.destroyed).toBe(true);
    }
  });

  test('has both sides told when a connection is lost', async () => {
    const server = createServer({ cert, key });
    const { port } = await serving(server);
    const ours = open(port);
    const [theirs] = (await once(server, 'secureConnection')) as [TLSSocket];
    const onClose = closed(theirs);
    theirs.on('error', () => undefined);
    ours.destroy();
    await onClose;
    expect(theirs.destroyed).toBe(true);
  });

  test('is destroyed with the error of its connection, on both sides', async () => {
    const server = createServer({ cert, key });
    const { port } = await serving(server);
    const theirs = async (client: TLSSocket): Promise<TLSSocket> => {
      const secure = once(server, 'secureConnection');
      const [[socket]] = (await Promise.all([secure, once(client, 'secureConnect')])) as [
        [TLSSocket],
        unknown,
      ];
      return socket.on('error', () => undefined).resume();
    };
    const connection = once(server, 'connection');
    const ours = open(port);
    const events = recorded(ours.resume(), 'error', 'close');
    await theirs(ours);
    const [socket] = (await connection) as [Socket];
    socket.resetAndDestroy();
    await closed(ours);
    expect([events, ours.errored]).toMatchObject([
      ['error ECONNRESET', 'close true'],
      { code: 'ECONNRESET' },
    ]);
    const base = tracked(netConnect(port, '127.0.0.1'));
    const accepted = await theirs(tracked(connect({ socket: base, servername: 'localhost', ca })));
    const onServer = recorded(accepted, 'error', 'close');
    base.resetAndDestroy();
    await closed(accepted);
    expect([onServer, accepted.errored]).toMatchObject([
      ['error ECONNRESET', 'close true'],
      { code: 'ECONNRESET' },
    ]);
  });

  test('has a server that does not read closed when the time to drain is over', async () => {
    const server = createServer({ cert, key });
    const { port, listener, served } = await serving(server);
    server.on('secureConnection', (socket) => socket.on('error', () => undefined));
    const client = tracked(connect({ port, host: '127.0.0.1', servername: 'localhost', ca }));
    const [[connection]] = (await Promise.all([
      once(server, 'connection'),
      once(client, 'secureConnect'),
    ])) as [[Socket], unknown];
    client.end('unread');
    while (!connection.readableEnded) await new Promise((resolve) => setImmediate(resolve));
    await listener.close({ drain: AbortSignal.abort() });
    await served;
    expect(connection.destroyed).toBe(true);
  });

  test('leaves nothing open where its options are refused', async () => {
    const port = await greeting();
    expect(() => open(port, { cert: 'none' })).toThrow();
    for (const foreign of [{ socket: {} }, { onread: {} }]) {
      expect(() => open(port, foreign as object)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
      );
    }
  });
});

describe('HttpsAgent', () => {
  const server = (o: TlsOptions = {}) =>
    createHttpsServer({ cert, key, ...o }, (incoming, response) => {
      const socket = incoming.socket as unknown as TLSSocket;
      const { remotePort, authorized } = socket;
      const resumed = socket.isSessionReused();
      response.end(`${remotePort} ${authorized} ${resumed}`);
    });

  async function fetched(agent: HttpsAgent, port: number): Promise<string[]> {
    const sent = get({ agent, port, host: 'localhost', family: 4 });
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const body = await text(response);
    await new Promise((resolve) => setImmediate(resolve));
    return body.split(' ');
  }

  test('keeps a connection for the next request, and shows who it is', async () => {
    const { port } = await serving(server({ ca, requestCert: true }));
    const agent = tracked(new HttpsAgent({ keepAlive: true, ca, ...identity('client') }));
    const [first, second] = [await fetched(agent, port), await fetched(agent, port)];
    expect(first.slice(1)).toEqual(['true', 'false']);
    expect(second).toEqual(first);
  });

  test('resumes a session where it has to connect again', async () => {
    const { port } = await serving(server());
    const agent = tracked(new HttpsAgent({ ca }));
    const [first, second] = [await fetched(agent, port), await fetched(agent, port)];
    expect([first[2], second[2]]).toEqual(['false', 'true']);
    expect(second[0]).not.toBe(first[0]);
  });

  test('tells a request when its time is over', async () => {
    const { port } = await silent('127.0.0.1');
    const agent = tracked(new HttpsAgent({ timeout: 10 }));
    const late = get({ agent, port, host: '127.0.0.1' }).on('error', () => undefined);
    await once(late, 'timeout');
    late.destroy();
  });

  test('is answered when the listener is closed meanwhile, and idle then no more', async () => {
    const served = server();
    served.keepAliveTimeout = 0;
    const { port, listener, served: over } = await serving(served);
    const agent = tracked(new HttpsAgent({ keepAlive: true, ca }));
    served.once('request', () => listener.close());
    expect(await fetched(agent, port)).toHaveLength(3);
    await over;
  });

  test('begins nothing that comes while an idle connection is being closed', async () => {
    let begun = 0;
    let answered = 0;
    const idle = createHttpsServer({ cert, key }, (_, response) => {
      begun++;
      response.on('close', () => answered++).end('end');
    });
    const { port, listener, served } = await serving(idle);
    const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const clients = Array.from({ length: 10 }, () => open(port).on('error', () => undefined));
    for (const client of clients) {
      client.write(GET);
      await once(client, 'data');
    }
    await vi.waitUntil(() => answered === clients.length, { timeout: 20_000 });
    listener.close();
    for (const client of clients) client.write(GET);
    await served;
    expect(begun).toBe(clients.length);
  });

  test('lets the process end while a connection is idle', async () => {
    const { port } = await serving(server());
    const outcome = await inChild(
      async ({ node }, { port, ca }) => {
        const https = require('node:https') as typeof import('node:https');
        const agent = new node.HttpsAgent({ keepAlive: true, ca, family: 4 });
        await new Promise((resolve) => {
          https.get({ agent, port, host: 'localhost' }, (response) => {
            response.resume().on('end', resolve);
          });
        });
      },
      { argument: { port, ca: ca.toString() } },
    );
    expect(outcome).toMatchObject({ code: 0, late: false, stderr: '' });
  });
});
