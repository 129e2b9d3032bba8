import { encodeUnix } from '../io/address';
import { Inbox } from '../io/datagram/inbox';
import { pack } from '../io/datagram/outbox';
import { preparedOption } from '../io/options';
import type { OptionName, SocketOptions } from '../io/socket-options';
import { native } from '../native';
import type { Probe } from './finding';

const { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } = native;

/** Sockets, on every system. */
export const socketProbes: readonly Probe[] = [
  {
    name: 'TCP over IPv4',
    without: '`connect` and `listen` have no IPv4',
    run: (opened) => opened.socket(AF_INET, SOCK_STREAM),
  },
  {
    name: 'TCP over IPv6',
    without: '`connect` and `listen` have no IPv6',
    run: (opened) => opened.socket(AF_INET6, SOCK_STREAM),
  },
  {
    name: 'SO_REUSEPORT',
    since: '3.9',
    without: 'several listeners cannot share a port: share one by `listener.share()`',
    run: (opened) => {
      const fd = opened.socket(AF_INET, SOCK_STREAM);
      return native.setOption(fd, SOL_SOCKET, native.SHARE_PORT, 1);
    },
  },
  {
    name: 'peer credentials',
    without: '`peerCredentials` of a Unix socket throws',
    run: (opened) => native.peerCredentials(opened.socketPair(SOCK_STREAM)[0], new Int32Array(3)),
  },
  {
    name: 'abstract Unix sockets',
    since: '2.2',
    without: 'Unix sockets have paths, and no names without a file',
    run: (opened) => {
      const name = `\0iomux-doctor-${process.pid}`;
      return native.bind(opened.socket(AF_UNIX, SOCK_STREAM), encodeUnix('name', name));
    },
  },
];

/** Many datagrams in one call, on systems that have such a call. */
export const batchProbes: readonly Probe[] = [
  {
    name: 'sendmmsg',
    since: '3.0',
    without: '`sendMany` of a `Datagram` fails',
    run: (opened) => {
      const [, to] = opened.socketPair(SOCK_DGRAM);
      const { bytes, addresses, records } = pack(['one', 'another'], undefined, undefined, {
        family: AF_UNIX,
        peerFamily: AF_UNIX,
        peer: new Uint8Array(0),
      });
      return native.sendDatagrams(to, bytes, addresses, records, 0, 2, AF_UNIX, false);
    },
  },
  {
    name: 'recvmmsg',
    since: '2.6.33',
    without: '`receiveMany` and `for await` of a `Datagram` fail',
    run: (opened) => {
      const [from, to] = opened.socketPair(SOCK_DGRAM);
      for (const length of [1, 2]) native.send(to, new Uint8Array(length), 0, length);
      return new Inbox(false, () => undefined).fill(from, 2);
    },
  },
];

/** Options by their names in `setOption`, with the values to try. */
const OPTIONS: readonly [name: OptionName, value: unknown, without: string, needs?: string][] = [
  ['noDelay', true, 'small writes wait for the answer to those before'],
  [
    'keepAlive',
    { idle: 60_000, interval: 10_000, count: 5 },
    'a peer that has vanished is not detected',
  ],
  ['userTimeout', 30_000, 'what is not acknowledged is sent again for a quarter of an hour'],
  ['fastOpen', 16, 'a listener takes no bytes with the request'],
  ['fastOpenConnect', true, 'no bytes go with the request'],
  ['trafficClass', 0x20, 'packets have the class that the system gives them'],
  ['priority', 1, 'packets have the priority that the system gives them'],
  ['mark', 1, 'packets have no mark for firewalls and routing rules', 'CAP_NET_ADMIN'],
  ['bindToDevice', '', 'a socket uses whatever interface the routes say', 'CAP_NET_RAW'],
];

export const optionProbes: readonly Probe[] = OPTIONS.map(([name, value, without, needs]) => ({
  name: `option ${name}`,
  without,
  needs,
  run: (opened) => {
    const set = preparedOption(name satisfies keyof SocketOptions, value);
    set(opened.socket(AF_INET, SOCK_STREAM));
    return 0;
  },
}));
