import { createServer } from 'node:net';

import { extraCounters } from './extra-counters';
import { serve } from './lifecycle';

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', (chunk) => {
    if (socket.write(chunk)) return;
    socket.pause();
    socket.once('drain', () => socket.resume());
  });
});

serve(server, extraCounters());
