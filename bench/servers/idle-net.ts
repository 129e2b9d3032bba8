import { createServer } from 'node:net';

import { heap } from './heap';
import { listenOptions, serveUntilInputEnds } from './lifecycle';

const server = createServer((socket) => {
  socket.on('data', (chunk) => {
    if (socket.write(chunk)) return;
    socket.pause();
    socket.once('drain', () => socket.resume());
  });
});

server.listen(listenOptions(process.argv[2] ?? '0'), () => {
  serveUntilInputEnds(server.address(), heap);
});
