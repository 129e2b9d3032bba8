import { once } from 'node:events';
import { createServer } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { Connection, connector, type ConnectorOptions, type ConnectorTarget } from '../../lib/node';
import { freePort, silent } from '../io/loopback';
import { temporary, tracked } from '../support/opened';
import { listen } from '../../lib/net';
import { certificates } from '../support/certificates';
import { serving } from './serving';

const { ca, identity } = certificates();

/** What undici does with a connector. */
function connected(
  connect: ReturnType<typeof connector>,
  target: Partial<ConnectorTarget> & { port: string },
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    connect({ hostname: '127.0.0.1', protocol: 'http:', ...target }, (error, socket) => {
      // For https: only.
      if (error === null) resolve(tracked(socket) as TLSSocket);
      else reject(error);
    });
  });
}

async function secure(): Promise<{ port: string; protocol: string; servername: string }> {
  const server = createTlsServer({ ...identity('localhost'), ALPNProtocols: ['h2', 'http/1.1'] });
  server.on('secureConnection', (socket) => void socket.resume().end('x'));
  const { port } = await serving(server);
  return { port: String(port), protocol: 'https:', servername: 'localhost' };
}

describe('connector', () => {
  test('connects to a port, or to a path for all', async () => {
    const { port } = await serving(createServer((socket) => void socket.resume()));
    const path = temporary('socket');
    const unix = tracked(await listen({ path }));
    expect(await connected(connector(), { port: String(port) })).toBeInstanceOf(Connection);
    await connected(connector({ path }), { port: '80' });
    tracked(await unix.accept());
  });

  test('connects by TLS, speaks HTTP/1.1 unless it is told more, and resumes a session', async () => {
    const target = await secure();
    const connect = connector({ ca });
    const first = await connected(connect, target);
    await Promise.all([once(first, 'session'), once(first.resume(), 'end')]);
    const second = await connected(connect, target);
    expect([first.alpnProtocol, second.isSessionReused()]).toEqual(['http/1.1', true]);
    const both = connector({ ca, ALPNProtocols: ['h2', 'http/1.1'] });
    expect((await connected(both, target)).alpnProtocol).toBe('h2');
  });

  test('asks for the name of a request, else for its own', async () => {
    const { port, protocol, servername } = await secure();
    for (const [own, asked] of [
      ['other.example', servername],
      [servername, null],
    ] as const) {
      const connect = connector({ ca, servername: own });
      const socket = await connected(connect, { port, protocol, servername: asked });
      expect(socket.authorized).toBe(true);
    }
  });

  test('runs TLS over a tunnel that it is given', async () => {
    const target = await secure();
    const httpSocket = tracked(new Connection().connect(Number(target.port), '127.0.0.1'));
    const socket = await connected(connector({ ca }), { ...target, httpSocket });
    expect(socket.authorized).toBe(true);
  });

  test('tells what has failed', async () => {
    const port = String(await freePort());
    const refused = connected(connector(), { port });
    await expect(refused).rejects.toMatchObject({ code: 'ECONNREFUSED', port: Number(port) });
    const untrusted = connected(connector(), await secure());
    await expect(untrusted).rejects.toMatchObject({ code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' });
    const misled = connected(connector(), { port: 'x' });
    await expect(misled).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
  });

  test('gives up after a time, TLS included', async () => {
    const connect = connector({ timeout: 10 });
    const { port } = await silent('127.0.0.1');
    const mute = await serving(createServer((socket) => void socket.resume()));
    const late = { code: 'ETIMEDOUT', syscall: 'connect', address: '127.0.0.1' };
    await expect(connected(connect, { port: String(port) })).rejects.toMatchObject(late);
    const muted = connected(connect, { port: String(mute.port), protocol: 'https:' });
    await expect(muted).rejects.toMatchObject({ ...late, port: mute.port });
    const path = temporary('socket');
    tracked(await listen({ path }));
    const unnamed = connected(connector({ timeout: 10, path }), { port: '', protocol: 'https:' });
    await expect(unnamed).rejects.toMatchObject({ ...late, port: 443 });
  });

  test('refuses options of undici that it does not have', () => {
    for (const o of [{ allowH2: true }, { maxCachedSessions: 0 }, { socketPath: '/run/x' }]) {
      expect(() => connector(o as object)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
      );
    }
  });

  test('refuses a time that is none', () => {
    for (const timeout of [-1, 1.5, 2 ** 31, 'x'] as ConnectorOptions['timeout'][]) {
      expect(() => connector({ timeout })).toThrow(RegExp('options.timeout'));
    }
  });
});
