import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { Agent, fetch as undiciFetch, request } from 'undici';
import { connector } from '../../../dist/node.mjs';
import { certificates } from '../support/certificates.mjs';
import { assertWithoutLibuv, serving } from '../support/serving.mjs';

const { ca, identity } = certificates();
const cert = identity('localhost');

async function onRequest(request, response) {
  if (request.url === '/cut') {
    response.writeHead(200, { 'content-length': 100 });
    response.write('only this', () => request.socket.destroy());
    return;
  }
  if (request.url === '/never') return;
  response.setHeader('x-port', request.socket.remotePort);
  for await (const chunk of request) response.write(chunk);
  response.end(request.method === 'GET' ? 'x'.repeat(100_000) : '');
}

function describeUndici(name, scheme, createServer) {
  describe(`undici: ${name}`, () => {
    let served, agent;
    before(async () => {
      served = await serving(createServer());
      agent = new Agent({ connect: connector({ family: 4, ca }), connections: 1 });
    });
    after(async () => {
      await agent.close();
      await served.close();
    });
    const url = (path) => `${scheme}://localhost:${served.port}${path}`;

    test('request', async () => {
      const ports = new Set();
      for (let i = 0; i < 3; i++) {
        const { statusCode, headers, body } = await request(url('/'), { dispatcher: agent });
        assert.equal(statusCode, 200);
        assert.equal((await body.text()).length, 100_000);
        ports.add(headers['x-port']);
      }
      assert.equal(ports.size, 1, 'one connection');
      assertWithoutLibuv();
    });

    for (const [whose, fetch] of Object.entries({ undici: undiciFetch, node: globalThis.fetch })) {
      test(`fetch of ${whose}, which uploads a stream`, async () => {
        const sent = Buffer.alloc(1_000_000, 'y');
        const stream = new Blob([sent]).stream();
        const init = { method: 'POST', body: stream, duplex: 'half', dispatcher: agent };
        const response = await fetch(url('/'), init);
        assert.ok(Buffer.from(await response.arrayBuffer()).equals(sent));
      });
    }

    test('fails where a response is cut', async () => {
      const { body } = await request(url('/cut'), { dispatcher: agent });
      await assert.rejects(body.text());
    });

    test('is aborted', async () => {
      const controller = new AbortController();
      const answer = request(url('/never'), { dispatcher: agent, signal: controller.signal });
      setImmediate(() => controller.abort(new Error('enough')));
      await assert.rejects(answer, { message: 'enough' });
    });
  });
}

describeUndici('http', 'http', () => createServer(onRequest));
describeUndici('https', 'https', () => createHttps(cert, onRequest));

describe('undici: HTTP/2', () => {
  let served, agent;
  before(async () => {
    served = await serving(createSecureServer(cert, onRequest));
    const connect = connector({ family: 4, ca, ALPNProtocols: ['h2', 'http/1.1'] });
    agent = new Agent({ connect, connections: 1, allowH2: true });
  });
  after(async () => {
    await agent.close();
    await served.close();
  });

  test('many requests under way at a time, over one connection', async () => {
    const ports = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const url = `https://localhost:${served.port}/`;
        const { headers, body } = await request(url, { dispatcher: agent });
        assert.equal((await body.text()).length, 100_000);
        return headers['x-port'];
      }),
    );
    assert.equal(new Set(ports).size, 1);
    assertWithoutLibuv();
  });
});
