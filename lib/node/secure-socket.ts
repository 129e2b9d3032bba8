import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { SocketDuplex } from './socket-duplex';

/** The properties of a `net.Socket` with its addresses. */
export const ADDRESSES = [
  'remoteAddress',
  'remotePort',
  'remoteFamily',
  'localAddress',
  'localPort',
  'localFamily',
] as const;

/**
 * Makes a TLSSocket take its addresses from the Duplex below it, and pass on `ref`, `unref` and the socket
 * options. By itself it would ask a libuv handle, which does not exist here: it would have no addresses,
 * and `unref` would not let the process end.
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

/** Otherwise the TLSSocket would be `open` while it connects, and never emit `connect`. */
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
 * Makes a TLSSocket over a Duplex, which has to allow being half open: otherwise it would end when its
 * peer does, and close while TLS still has bytes to deliver or to send. `allowHalfOpen` is for the
 * TLSSocket, which copies it from the Duplex when it is made.
 */
export function overHalfOpen<T>(allowHalfOpen: boolean, duplex: Duplex, make: () => T): T {
  duplex.allowHalfOpen = allowHalfOpen;
  try {
    return make();
  } finally {
    duplex.allowHalfOpen = true;
  }
}

/** `joinSecure` for a TLSSocket that a server of `node:tls` has made. */
export function joinAccepted(socket: TLSSocket): void {
  const duplex = duplexBelow(socket);
  if (duplex !== undefined) joinSecure(socket, duplex);
}

/** The Duplex itself, or the one below a TLSSocket. */
export function duplexBelow(socket: Duplex): SocketDuplex | undefined {
  if (socket instanceof SocketDuplex) return socket;
  // There is no public way from one to the other.
  const { _handle: handle } = socket as unknown as {
    _handle?: { _parentWrap?: { stream?: unknown } } | null;
  };
  const duplex = handle?._parentWrap?.stream;
  return duplex instanceof SocketDuplex ? duplex : undefined;
}
