import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { SocketDuplex } from './socket-duplex';

/** What a `net.Socket` tells of its two ends. */
export const ADDRESSES = [
  'remoteAddress',
  'remotePort',
  'remoteFamily',
  'localAddress',
  'localPort',
  'localFamily',
] as const;

/**
 * Has a TLSSocket ask the Duplex below it for what only that one knows, and tell it what only that one
 * can do. By itself it asks the handle of libuv, which there is not: it would know no addresses, and
 * `unref` would not let the process end.
 */
export function joinSecure(socket: TLSSocket, duplex: SocketDuplex): TLSSocket {
  for (const name of ADDRESSES) {
    Object.defineProperty(socket, name, { configurable: true, get: () => duplex[name] });
  }
  if (duplex.connecting) joinConnecting(socket, duplex);
  for (const name of ['ref', 'unref', 'setNoDelay', 'setKeepAlive'] as const) {
    socket[name] = (...given: [enable?: boolean, delay?: number]): TLSSocket => {
      duplex[name](...given);
      return socket;
    };
  }
  // Node would only emit an error of the Duplex on the TLSSocket, and destroy that without it.
  duplex.secured = socket;
  return Object.assign(socket, { address: () => duplex.address() });
}

/** Otherwise it would say that it is open, and never that it has connected. */
function joinConnecting(socket: TLSSocket & { connecting: boolean }, duplex: SocketDuplex): void {
  socket.connecting = true;
  duplex.on('lookup', (...found: unknown[]) => socket.emit('lookup', ...found));
  duplex.once('connect', () => {
    if (socket.destroyed) return;
    socket.connecting = false;
    socket.emit('connect');
    socket.emit('ready');
  });
}

/**
 * Makes a TLSSocket over a Duplex that may be half open. It has to be: otherwise it would end with what
 * it receives, and be closed while TLS still has bytes to hand out or to send. The TLSSocket ends by
 * itself, or not: it does as the Duplex below it says that it does.
 */
export function overHalfOpen<T>(allowHalfOpen: boolean, duplex: Duplex, make: () => T): T {
  duplex.allowHalfOpen = allowHalfOpen;
  try {
    return make();
  } finally {
    duplex.allowHalfOpen = true;
  }
}

/** `joinSecure` for a TLSSocket that a server of `node:tls` has made for itself. */
export function joinAccepted(socket: TLSSocket): void {
  const duplex = duplexBelow(socket);
  if (duplex !== undefined) joinSecure(socket, duplex);
}

/** The Duplex itself, or that over which a server of `node:tls` has made a TLSSocket. */
export function duplexBelow(socket: Duplex): SocketDuplex | undefined {
  if (socket instanceof SocketDuplex) return socket;
  // There is no public way from one to the other.
  const { _handle: handle } = socket as unknown as {
    _handle?: { _parentWrap?: { stream?: unknown } } | null;
  };
  const duplex = handle?._parentWrap?.stream;
  return duplex instanceof SocketDuplex ? duplex : undefined;
}
