import { createServer } from 'node:net';

import { patternChunk } from './bulk-pattern';
import { serve } from './lifecycle';

const chunk = patternChunk();

const server = createServer({ noDelay: true }, (socket) => {
  const send = (): void => {
    while (socket.write(chunk));
  };
  // The sink may reset the connection when it ends.
  socket.on('error', () => socket.destroy());
  socket.on('drain', send);
  send();
});

serve(server);
