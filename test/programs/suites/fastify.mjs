import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import fastify from 'fastify';
import { assertWithoutLibuv, output, serving } from '../support/serving.mjs';

describe('fastify', () => {
  const app = fastify();
  const schema = {
    response: { 200: { type: 'object', properties: { hello: { type: 'string' } } } },
  };
  app.get('/hello/:name', { schema }, (request) => ({
    hello: request.params.name,
    ip: request.ip,
  }));
  app.get('/ip', (request) => ({ ip: request.ip, port: request.socket.remotePort }));
  app.post('/echo', (request) => request.body);
  app.get('/stream', () => Readable.from(['one ', 'two ', 'three']));

  let served;
  before(async () => {
    await app.ready();
    served = await serving(app.server);
  });
  after(() => Promise.all([app.close(), served.close()]));
  const url = (path) => `http://127.0.0.1:${served.port}${path}`;

  test('routes, and serializes by a schema', async () => {
    assert.equal(await output('curl', '-sS', url('/hello/world')), '{"hello":"world"}');
    assertWithoutLibuv();
  });

  test('knows the address of the client', async () => {
    const { ip, port } = JSON.parse(await output('curl', '-sS', url('/ip')));
    assert.equal(ip, '127.0.0.1');
    assert.ok(port > 0);
  });

  test('echoes JSON over one connection', async () => {
    for (const value of [[1, 2, 3], { text: 'ä'.repeat(100_000) }]) {
      const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
      const response = await fetch(url('/echo'), { method: 'POST', ...json });
      assert.deepEqual(await response.json(), value);
    }
  });

  test('sends a stream', async () => {
    assert.equal(await output('curl', '-sS', url('/stream')), 'one two three');
  });
});
