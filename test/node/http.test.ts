import { once } from 'node:events';
import { Agent, createServer, request, type RequestOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { connect } from '../../lib/net';
import { toDuplex } from '../../lib/node';
import { listening, pattern } from '../io/peers';
import { tracked } from '../support/opened';

async function served(): Promise<number> {
  const { listener, port } = await listening();
  const server = createServer((incoming, outgoing) => {
    outgoing.setHeader('remote', incoming.socket.remotePort ?? 'unknown');
    incoming.pipe(outgoing);
  });
  listener
    .serve((stream) => {
      const duplex = toDuplex(stream, { allowHalfOpen: true });
      server.emit('connection', duplex);
      return once(duplex, 'close');
    })
    .catch(() => undefined);
  return port;
}

async function post(body: string, o: RequestOptions): Promise<string> {
  const sent = request({ host: '127.0.0.1', method: 'POST', ...o });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  expect(response.statusCode).toBe(200);
  return text(response);
}

test('node:http serves over it, one request after the other, to its own client', async () => {
  const port = await served();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  tracked(agent);
  const bodies = ['', 'hello', pattern(1 << 20).toString('latin1'), 'again'];
  for (const body of bodies) expect(await post(body, { agent, port })).toBe(body);
});

test('node:http asks over it, and its Agent keeps the connection', async () => {
  const server = tracked(createServer((incoming, outgoing) => incoming.pipe(outgoing)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const made: Duplex[] = [];
  const agent = tracked(new Agent({ keepAlive: true, maxSockets: 1 }));
  agent.createConnection = () => {
    const duplex = toDuplex(connect({ host: '127.0.0.1', port }));
    made.push(duplex);
    return duplex;
  };
  for (const body of ['hello', pattern(1 << 20).toString('latin1'), '', 'again']) {
    expect(await post(body, { agent, port })).toBe(body);
  }
  expect(made).toHaveLength(1);
});
