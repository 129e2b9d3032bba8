import { Socket, type SocketConstructorOpts } from 'node:net';

/** Is told what was received; returns whether the socket goes on reading. */
export type OnRead = (length: number, buffer: Uint8Array) => boolean;

/**
 * What `Socket` takes beyond its published types: `onread` is documented for connecting sockets
 * only.
 */
interface OnReadOptions extends SocketConstructorOpts {
  handle: unknown;
  onread: { buffer: Uint8Array; callback: OnRead };
}

const BUFFER_SIZE = 64 * 1024;

/**
 * A socket with `onread` in place of one that was accepted, which Node gives none. Its server must be
 * made with `pauseOnConnect`: the accepted socket must not read before it has handed over.
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
