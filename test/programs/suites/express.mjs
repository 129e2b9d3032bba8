import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import express from 'express';
import { assertWithoutLibuv, output, serving } from '../support/serving.mjs';

describe('express', () => {
  const app = express();
  app.use(express.json({ limit: '10mb' }));
  app.get('/hello/:name', (request, response) => {
    response.json({ hello: request.params.name, ip: request.ip, secure: request.secure });
  });
  app.post('/length', (request, response) => {
    response.json({ length: request.body.text.length });
  });
  app.get('/file', (request, response) => response.sendFile(import.meta.filename));

  let served;
  before(async () => (served = await serving(createServer(app))));
  after(() => served.close());
  const url = (path) => `http://127.0.0.1:${served.port}${path}`;

  test('routes, and knows the address of the client', async () => {
    const answer = JSON.parse(await output('curl', '-sS', url('/hello/world')));
    assert.deepEqual(answer, { hello: 'world', ip: '127.0.0.1', secure: false });
    assertWithoutLibuv();
  });

  test('parses a body of some megabytes', async () => {
    const body = JSON.stringify({ text: 'x'.repeat(3_000_000) });
    const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    const response = await fetch(url('/length'), json);
    assert.deepEqual(await response.json(), { length: 3_000_000 });
  });

  test('sends a file, and a part of it', async () => {
    assert.match(await output('curl', '-sS', url('/file')), /sends a file/);
    assert.equal(await output('curl', '-sS', '-r', '0-5', url('/file')), 'import');
  });
});
