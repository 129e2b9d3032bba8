// Says hello over HTTP: Node's own server, which gets its connections from an iomux listener, and routes
// with named path segments. Usage: http-hello.mts [PORT]; try it with: curl localhost:7000/hello/Ada
import { createServer } from 'node:http';
import { listen } from 'iomux/net';
import { serveHttp } from 'iomux/node';

type Handler = (names: Record<string, string>) => string;

const routes = [
  route('/', () => 'Try /hello/ and your name.'),
  route('/hello/:name', ({ name }) => `Hello, ${name}!`),
];

const server = createServer((request, response) => {
  const path = (request.url ?? '/').replace(/\?.*/, '');
  const [status, text] = request.method === 'GET' ? answer(path) : [405, 'Only GET is known here.'];
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
});

const [port = '7000'] = process.argv.slice(2);
const listener = await listen({ port: Number(port) });
for (const signal of ['SIGINT', 'SIGTERM']) {
  // Answers the requests that have begun, then ends.
  process.once(signal, () => void listener.close({ drain: AbortSignal.timeout(5000) }));
}
console.log('listening on port', listener.address.port);
await serveHttp(listener, server);
console.log('closed');

function route(path: string, handler: Handler): { pattern: RegExp; handler: Handler } {
  return { pattern: new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`), handler };
}

function answer(path: string): [status: number, text: string] {
  for (const { pattern, handler } of routes) {
    const match = pattern.exec(path);
    if (match === null) continue;
    try {
      const names = Object.entries(match.groups ?? {});
      return [200, handler(Object.fromEntries(names.map(([k, v]) => [k, decodeURIComponent(v)])))];
    } catch {
      return [400, 'That is no name.']; // such as %zz
    }
  }
  return [404, 'There is nothing here.'];
}
