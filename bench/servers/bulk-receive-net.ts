import { createServer } from 'node:net';

import { listenOptions, serveUntilInputEnds } from './lifecycle';

let bytes = 0;
const server = createServer((socket) => {
  socket.on('data', (chunk) => {
    bytes += chunk.length;
  });
  // The generator may reset the connection when it ends.
  socket.on('error', () => socket.destroy());
});

server.listen(listenOptions(process.argv[2] ?? '0'), () => {
  serveUntilInputEnds(server.address(), () => ({ bytes }));
});
