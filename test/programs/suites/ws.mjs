import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { after, before, describe, test } from 'node:test';
import WebSocket, { createWebSocketStream, WebSocketServer } from 'ws';
import { Agent, HttpsAgent } from '../../../dist/node.mjs';
import { certificates } from '../support/certificates.mjs';
import { assertWithoutLibuv, serving } from '../support/serving.mjs';

const { ca, identity } = certificates();

/** A server that echoes, and says first who has connected. */
function echoing(server) {
  const sockets = new WebSocketServer({ server, perMessageDeflate: true });
  sockets.on('connection', (socket, request) => {
    socket.send(`${request.url} ${request.socket.remoteAddress}`);
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  return server;
}

function describeEcho(name, createServer, scheme, options, ours) {
  describe(`ws: ${name}`, () => {
    let served;
    before(async () => {
      const server = echoing(createServer());
      if (ours.server) {
        served = await serving(server);
        return;
      }
      await once(server.listen(0, '127.0.0.1'), 'listening');
      served = { port: server.address().port, close: () => server.close() };
    });
    after(() => served.close());
    const connect = async () => {
      const socket = new WebSocket(`${scheme}://localhost:${served.port}/path`, options);
      const [greeting] = await once(socket, 'message');
      assert.equal(greeting.toString(), '/path 127.0.0.1');
      return socket;
    };

    test('echoes text, bytes and a message of megabytes', async () => {
      const socket = await connect();
      if (ours.server && ours.client) assertWithoutLibuv();
      for (const message of ['hello', 'ä'.repeat(70_000), Buffer.alloc(5_000_000, 'x')]) {
        socket.send(message);
        const [answer, isBinary] = await once(socket, 'message');
        assert.equal(isBinary, typeof message !== 'string');
        assert.ok(Buffer.from(message).equals(answer));
      }
      socket.close(1000, 'enough');
      const [code, reason] = await once(socket, 'close');
      assert.deepEqual([code, reason.toString()], [1000, 'enough']);
    });

    test('echoes many messages that are under way at a time', async () => {
      const socket = await connect();
      const messages = Array.from({ length: 2000 }, (_, i) => `message ${i}`);
      const answers = [];
      const all = new Promise((resolve) => {
        socket.on('message', (data) => {
          if (answers.push(data.toString()) === messages.length) resolve();
        });
      });
      for (const message of messages) socket.send(message);
      await all;
      assert.deepEqual(answers, messages);
      socket.terminate();
      await once(socket, 'close');
    });

    test('answers a ping', async () => {
      const socket = await connect();
      socket.ping('still there?');
      const [data] = await once(socket, 'pong');
      assert.equal(data.toString(), 'still there?');
      socket.close();
      await once(socket, 'close');
    });

    test('is a Duplex', async () => {
      const socket = await connect();
      const duplex = createWebSocketStream(socket);
      const sent = Buffer.alloc(300_000, 'abc');
      duplex.write(sent);
      let received = 0;
      for await (const chunk of duplex) {
        received += chunk.length;
        if (received === sent.length) duplex.end();
      }
      assert.equal(received, sent.length);
    });
  });
}

const ipv4 = { family: 4 };
const secure = { ca, ...ipv4 };
const cert = identity('localhost');
const both = { server: true, client: true };
describeEcho('server', createServer, 'ws', ipv4, { server: true });
describeEcho('client', createServer, 'ws', { agent: new Agent(ipv4) }, { client: true });
describeEcho('both', createServer, 'ws', { agent: new Agent(ipv4) }, both);
describeEcho('server, TLS', () => createHttps(cert), 'wss', secure, { server: true });
describeEcho('both, TLS', () => createHttps(cert), 'wss', { agent: new HttpsAgent(secure) }, both);
