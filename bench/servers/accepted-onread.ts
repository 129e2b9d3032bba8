import { Socket, type SocketConstructorOpts } from 'node:net';

/** Called with what was received; returns whether the socket goes on reading. */
export type OnRead = (length: number, buffer: Uint8Array) => boolean;

/** What `Socket` takes beyond its published types. `onread` is documented for connecting sockets only. */
interface OnReadOptions extends SocketConstructorOpts {
  handle: unknown;
  onread: { buffer: Uint8Array; callback: OnRead };
}

const BUFFER_SIZE = 64 * 1024;

/**
 * Replaces an accepted socket by one with `onread`, which Node does not offer for accepted sockets. The
 * server needs `pauseOnConnect`, so that the accepted socket reads nothing before.
 */
export function withOnRead(accepted: Socket, callback: OnRead): Socket {
  const options: OnReadOptions = {
    handle: takeHandle(accepted),
    onread: { buffer: Buffer.allocUnsafe(BUFFER_SIZE), callback },
  };
  const socket = new Socket(options);
  socket.setNoDelay(true);
  socket.resume();
  return socket;
}

function takeHandle(accepted: Socket): unknown {
  const owner = accepted as unknown as { _handle: unknown };
  const handle = owner._handle;
  owner._handle = null;
  return handle;
}
