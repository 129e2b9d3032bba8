import { expect, test } from 'vitest';
import { inChild } from '../support/child';

// Bun's and Deno's servers and clients of HTTP keep objects of their own.
const isNode = process.versions['bun'] === undefined && process.versions['deno'] === undefined;

test.runIf(isNode)('an idle connection of serveHttp keeps no request and no response', async () => {
  const outcome = await inChild(
    async ({ net, node, collect }) => {
      const http = require('node:http') as typeof import('node:http');
      const seen: WeakRef<object>[] = [];
      const server = http.createServer((request, response) => {
        seen.push(new WeakRef(request), new WeakRef(response));
        response.end('x');
      });
      const listener = await net.listen({ host: '127.0.0.1', port: 0 });
      const served = node.serveHttp(listener, server);
      const client = await net.connect({ host: '127.0.0.1', port: listener.address.port });
      await client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      await client.readUntil('\r\n\r\nx');
      const left = (): number => seen.filter((one) => one.deref() !== undefined).length;
      for (let turn = 0; turn < 50 && left() > 0; turn++) await collect();
      const found = { seen: seen.length, left: left(), isOpen: !client.closed };
      await client.close();
      listener.close();
      await served;
      return found;
    },
    { flags: ['--expose-gc'] },
  );
  expect(outcome).toMatchObject({
    code: 0,
    stderr: '',
    result: { seen: 2, left: 0, isOpen: true },
  });
});
