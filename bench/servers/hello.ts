import type { RequestListener } from 'node:http';

/** What both HTTP servers answer. */
export const hello: RequestListener = (_request, response) => {
  const body = 'Hello, world!\n';
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': body.length });
  response.end(body);
};
