import { once } from 'node:events';
import {
  type AgentOptions,
  createServer,
  get,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { type AddressInfo, BlockList, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { Agent, type DialOptions } from '../../lib/node';
import { inChild } from '../support/child';
import { freePort, resolving, silent } from '../io/loopback';
import { temporary, tracked } from '../support/opened';

/** A Node server that answers with the number of the request's connection, and its sockets. */
async function remote(where: { port: number } | { path: string } = { port: 0 }) {
  const sockets: Socket[] = [];
  const server = tracked(
    createServer(({ url, socket }, response) => {
      if (url === '/never') return;
      response.end(String(sockets.indexOf(socket)));
    }),
  );
  server.on('connection', (socket) => sockets.push(socket));
  tracked({ close: () => server.closeAllConnections() });
  server.listen('path' in where ? where : { host: '127.0.0.1', ...where });
  await once(server, 'listening');
  return { sockets, port: (server.address() as AddressInfo).port };
}

function agentWith(o?: AgentOptions & DialOptions): Agent {
  return tracked(new Agent(o));
}

async function fetched(o: RequestOptions): Promise<string> {
  const [response] = (await once(get({ host: '127.0.0.1', ...o }), 'response')) as [
    IncomingMessage,
  ];
  const body = await text(response);
  // The agent gets the connection back a tick later.
  await new Promise((resolve) => setImmediate(resolve));
  return body;
}

describe('Agent', () => {
  test('keeps a connection for the next request, where it is asked to', async () => {
    const { port, sockets } = await remote();
    const agent = agentWith({ keepAlive: true });
    for (let i = 0; i < 3; i++) expect(await fetched({ agent, port })).toBe('0');
    expect(sockets).toHaveLength(1);
    const closing = agentWith({ keepAlive: false });
    for (const number of ['1', '2']) expect(await fetched({ agent: closing, port })).toBe(number);
  });

  test('makes no more connections than it may', async () => {
    const { port, sockets } = await remote();
    const agent = agentWith({ keepAlive: true, maxSockets: 2 });
    await Promise.all(Array.from({ length: 10 }, () => fetched({ agent, port })));
    expect(sockets).toHaveLength(2);
  });

  test('connects to Unix sockets', async () => {
    const path = temporary('socket');
    await remote({ path });
    expect(await fetched({ agent: agentWith(), socketPath: path })).toBe('0');
  });

  test('tries the addresses of a name by Happy Eyeballs, as its options say', async () => {
    const { port } = await remote();
    const lookup = resolving('::1', '127.0.0.1');
    const agent = agentWith({ attemptDelay: 10, socketOptions: { keepAlive: true } });
    expect(await fetched({ agent, port, host: 'name.example', lookup })).toBe('0');
  });

  test('takes the options of an agent of Node as that one does', async () => {
    const { port } = await remote();
    const agent = agentWith({ family: 6, autoSelectFamilyAttemptTimeout: 1 });
    expect(await fetched({ agent, port })).toBe('0');
    const lookup = resolving('::1', '127.0.0.1');
    const either = agentWith({ autoSelectFamilyAttemptTimeout: 1 });
    expect(await fetched({ agent: either, port, host: 'name.example', lookup })).toBe('1');
  });

  test('hands the error of connecting to the request', async () => {
    const port = await freePort();
    const agent = agentWith();
    const refused = get({ agent, port, host: '127.0.0.1' });
    expect(await once(refused, 'error')).toMatchObject([{ code: 'ECONNREFUSED', port }]);
  });

  test('gives up a connection whose request is destroyed, or has taken too long', async () => {
    const { port } = await silent('127.0.0.1');
    const agent = agentWith();
    const late = get({ agent, port, host: '127.0.0.1', timeout: 10 });
    await once(late, 'timeout');
    late.destroy();
    expect(await once(late, 'error')).toMatchObject([{ code: 'ECONNRESET' }]);
    const abort = new AbortController();
    const aborted = get({ agent, port, host: '127.0.0.1', signal: abort.signal });
    abort.abort();
    expect(await once(aborted, 'error')).toMatchObject([{ code: 'ABORT_ERR' }]);
    while (Object.keys(agent.sockets).length > 0) await new Promise((r) => setImmediate(r));
  });

  test('forgets a connection that the server closes while it is idle', async () => {
    const { port, sockets } = await remote();
    const agent = agentWith({ keepAlive: true });
    expect(await fetched({ agent, port })).toBe('0');
    sockets[0].end();
    while (Object.keys(agent.freeSockets).length > 0) await new Promise((r) => setImmediate(r));
    expect(await fetched({ agent, port })).toBe('1');
  });

  test('closes a connection that is idle for too long', async () => {
    const { port } = await remote();
    const agent = agentWith({ keepAlive: true, timeout: 20 });
    await fetched({ agent, port });
    while (Object.keys(agent.freeSockets).length > 0) await new Promise((r) => setImmediate(r));
  });

  test('lets the process end while a connection is idle', async () => {
    const { port } = await remote();
    const outcome = await inChild(
      async ({ node }, port) => {
        const http = require('node:http') as typeof import('node:http');
        const agent = new node.Agent({ keepAlive: true });
        await new Promise((resolve) => {
          http.get({ agent, port, host: '127.0.0.1' }, (response) => {
            response.resume().on('end', resolve);
          });
        });
      },
      { argument: port },
    );
    expect(outcome).toMatchObject({ code: 0, late: false, stderr: '' });
  });

  test('refuses options that would fail with the first request', () => {
    for (const [name, o, code] of [
      ['attemptDelay', { attemptDelay: 1 }, 'ERR_OUT_OF_RANGE'],
      ['autoSelectFamilyAttemptTimeout', { autoSelectFamilyAttemptTimeout: 0 }, 'ERR_OUT_OF_RANGE'],
      ['blockList', { blockList: new BlockList() }, 'ERR_INVALID_ARG_VALUE'],
      ['proxyEnv', { proxyEnv: process.env }, 'ERR_INVALID_ARG_VALUE'],
    ] as [string, AgentOptions & DialOptions, string][]) {
      const message = expect.stringContaining(`options.${name}`) as string;
      expect(() => agentWith(o)).toThrow(expect.objectContaining({ code, message }));
    }
  });
});
