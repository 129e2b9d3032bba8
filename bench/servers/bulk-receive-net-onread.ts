import { createServer } from 'node:net';

import { withOnRead } from './accepted-onread';
import { serve } from './lifecycle';

let bytes = 0;
const server = createServer({ pauseOnConnect: true }, (accepted) => {
  const socket = withOnRead(accepted, (length) => {
    bytes += length;
    return true;
  });
  // The generator may reset the connection when it ends.
  socket.on('error', () => socket.destroy());
});

serve(server, () => ({ bytes }));
