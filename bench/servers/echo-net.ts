import { createServer } from 'node:net';

import { lateness } from './lateness';
import { listenOptions, serveUntilInputEnds } from './lifecycle';

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', (chunk) => {
    if (socket.write(chunk)) return;
    socket.pause();
    socket.once('drain', () => socket.resume());
  });
});

const [extra, address = ''] = process.argv.slice(-2);

server.listen(listenOptions(address), () => {
  serveUntilInputEnds(server.address(), extra === 'timers' ? lateness() : undefined);
});
