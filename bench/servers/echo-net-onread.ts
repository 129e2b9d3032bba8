import { createServer, Socket, type SocketConstructorOpts } from 'node:net';

import { listenOptions, serveUntilInputEnds } from './lifecycle';

const BUFFER_SIZE = 64 * 1024;

/**
 * What `Socket` takes beyond its published types: `onread` is documented for connecting sockets
 * only.
 */
interface OnReadOptions extends SocketConstructorOpts {
  handle: unknown;
  onread: { buffer: Uint8Array; callback(length: number, buffer: Uint8Array): boolean };
}

/**
 * Node gives accepted sockets no `onread`, so the server's socket hands its connection over to one
 * that has it.
 */
function takeHandle(accepted: Socket): unknown {
  const owner = accepted as unknown as { _handle: unknown };
  const handle = owner._handle;
  owner._handle = null;
  return handle;
}

function echo(accepted: Socket): void {
  let blocked = false;
  const onWritten = (): void => {
    if (!blocked) return;
    blocked = false;
    socket.resume();
  };
  const options: OnReadOptions = {
    handle: takeHandle(accepted),
    onread: {
      buffer: Buffer.allocUnsafe(BUFFER_SIZE),
      callback: (length, buffer) => {
        socket.write(buffer.subarray(0, length), onWritten);
        // The buffer is free again only if the kernel took everything at once.
        blocked = socket.writableLength > 0;
        return !blocked;
      },
    },
  };
  const socket = new Socket(options);
  socket.setNoDelay(true);
  socket.resume();
}

// Paused: the accepted socket must not read before it has handed over.
const server = createServer({ pauseOnConnect: true }, echo);

server.listen(listenOptions(process.argv[2] ?? '0'), () => {
  serveUntilInputEnds(server.address());
});
