import { createServer, type Socket } from 'node:net';

import { serve } from './lifecycle';

const HANDLERS: Readonly<Record<string, (socket: Socket) => void>> = {
  close: (socket) => {
    socket.destroy();
  },
  answer: (socket) => {
    // The generator resets its connections when it ends.
    socket.on('error', () => socket.destroy());
    socket.once('data', (chunk) => {
      socket.write(chunk);
      socket.destroySoon();
    });
  },
};

const [method = ''] = process.argv.slice(2);
const server = createServer(HANDLERS[method]);

serve(server);
