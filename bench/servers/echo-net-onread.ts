import { createServer, type Socket } from 'node:net';

import { withOnRead } from './accepted-onread';
import { serve } from './lifecycle';

function echo(accepted: Socket): void {
  let blocked = false;
  const onWritten = (): void => {
    if (!blocked) return;
    blocked = false;
    socket.resume();
  };
  const socket = withOnRead(accepted, (length, buffer) => {
    socket.write(buffer.subarray(0, length), onWritten);
    // The buffer is free again only if the kernel took everything at once.
    blocked = socket.writableLength > 0;
    return !blocked;
  });
}

const server = createServer({ pauseOnConnect: true }, echo);

serve(server);
