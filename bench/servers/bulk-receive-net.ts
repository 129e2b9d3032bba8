import { createServer } from 'node:net';

import { serve } from './lifecycle';

let bytes = 0;
const server = createServer((socket) => {
  socket.on('data', (chunk) => {
    bytes += chunk.length;
  });
  // The generator may reset the connection when it ends.
  socket.on('error', () => socket.destroy());
});

serve(server, () => ({ bytes }));
