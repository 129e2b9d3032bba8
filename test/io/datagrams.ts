import { Datagram, type InternetAddress, type UdpBindOptions } from '../../lib/net';
import { temporary, tracked } from '../support/opened';

const isLinux = process.platform === 'linux';

/** Elsewhere 127.0.0.1 is the only address of the loopback interface. */
export const has127Net = isLinux;
/** Elsewhere the header of one datagram of IPv4 cannot be set. */
export const setsHeaders = isLinux;
/** Elsewhere a send to a Unix socket without room fails with ENOBUFS, and no event follows. */
export const waitsForReceiver = isLinux;

/** Elsewhere the buffer is how long a datagram may be, 9,216 bytes at first. */
export function sendsLong(socket: Datagram): Datagram {
  return isLinux ? socket : socket.setOption('sendBuffer', 1 << 17);
}

/** A socket on a free port of the loopback interface, and where it is. */
export async function bound(
  o?: UdpBindOptions,
): Promise<{ socket: Datagram; to: InternetAddress }> {
  const socket = tracked(await Datagram.bind({ host: '127.0.0.1', ...o }));
  const to = socket.localAddress;
  if (to === null) throw new Error('It is closed');
  return { socket, to };
}

/** A socket, and another that is connected to it. */
export async function pair(): Promise<{ ours: Datagram; theirs: Datagram }> {
  const { socket: theirs, to } = await bound();
  const ours = tracked(await Datagram.connect({ host: '127.0.0.1', port: to.port }));
  return { ours: sendsLong(ours), theirs };
}

/** The same over Unix sockets; the queue of `theirs` has room for `net.unix.max_dgram_qlen` or so. */
export async function unixPair(): Promise<{ ours: Datagram; theirs: Datagram; path: string }> {
  const path = temporary('receiver');
  const theirs = tracked(await Datagram.bind({ path }));
  const ours = tracked(await Datagram.connect({ path }));
  return { ours, theirs, path };
}

/** Sends until the kernel takes no more: how many it took. */
export function fill(socket: Datagram, to?: { path: string }): number {
  let count = 0;
  while (socket.trySend(String(count), to)) count++;
  return count;
}

/** The texts of so many datagrams, as they come. */
export async function receiveAll(socket: Datagram, count: number): Promise<string[]> {
  const seen: string[] = [];
  while (seen.length < count) {
    for (const { data } of await socket.receiveMany()) seen.push(data.toString());
  }
  return seen;
}
