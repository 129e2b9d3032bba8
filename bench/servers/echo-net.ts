import { createServer } from 'node:net';

import { serveUntilInputEnds } from './lifecycle';

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', (chunk) => {
    if (socket.write(chunk)) return;
    socket.pause();
    socket.once('drain', () => socket.resume());
  });
});

server.listen(0, '127.0.0.1', () => {
  serveUntilInputEnds(server.address());
});
