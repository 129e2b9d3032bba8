import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createAdaptorServer } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { Hono } from 'hono';
import { assertWithoutLibuv, output, serving } from '../support/serving.mjs';

describe('hono, on its adapter for Node', () => {
  const app = new Hono();
  app.get('/hello/:name', (c) => c.text(`hello ${c.req.param('name')}`));
  app.get('/ip', (c) => c.json(getConnInfo(c).remote));
  app.post('/length', async (c) => c.json((await c.req.arrayBuffer()).byteLength));
  app.get('/stream', (c) => c.body(new Blob(['x'.repeat(1_000_000)]).stream()));

  let served;
  before(async () => (served = await serving(createAdaptorServer({ fetch: app.fetch }))));
  after(() => served.close());
  const url = (path) => `http://127.0.0.1:${served.port}${path}`;

  test('routes', async () => {
    assert.equal(await output('curl', '-sS', url('/hello/world')), 'hello world');
    assertWithoutLibuv();
  });

  test('knows the address of the client', async () => {
    const { address, addressType } = JSON.parse(await output('curl', '-sS', url('/ip')));
    assert.deepEqual([address, addressType], ['127.0.0.1', 'IPv4']);
  });

  test('takes a body', async () => {
    const response = await fetch(url('/length'), { method: 'POST', body: 'x'.repeat(1_000_000) });
    assert.equal(await response.json(), 1_000_000);
  });

  test('sends a web stream', async () => {
    assert.equal((await output('curl', '-sS', url('/stream'))).length, 1_000_000);
  });
});
