import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { runExample } from '../support/example';

test('examples/http-get fetches from several hosts, and says why where it cannot', async () => {
  // On IPv4 alone: `localhost` is tried by IPv6 first where the system prefers it.
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/big?x=1' ? 200 : 404;
    response.setHeader('Content-Length', 100_000);
    response.end(Buffer.alloc(100_000, 'abc'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const urls = [
    ...[`http://127.0.0.1:${port}/big?x=1`, `http://localhost:${port}/`, 'http://[::1]:1/'],
    ...['localhost', `https://127.0.0.1:${port}/`],
  ];
  const lines = (await runExample('http-get', ...urls)).trimEnd().split('\n');
  server.close();
  expect(lines).toEqual([
    `${urls[0]}: HTTP/1.1 200 OK, 100000 bytes`,
    `${urls[1]}: HTTP/1.1 404 Not Found, 100000 bytes`,
    `${urls[2]}: ECONNREFUSED: connection refused, connect ::1:1`,
    // Some runtimes name it again.
    expect.stringContaining(`${urls[3]}: Invalid URL`),
    `${urls[4]}: https: is not spoken here`,
  ]);
});
