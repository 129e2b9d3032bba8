import type { LookupFunction } from 'node:net';
import { check, invalidValue, systemError } from '../../errors';
import { native } from '../../native';
import {
  type Abortable,
  boolean,
  callback,
  liveSignal,
  object,
  refuseForeign,
} from '../../validate';
import { encodeHost, encodeUnix, portOf } from '../address';
import { FOREIGN_TO_DATAGRAM, refuse } from '../refused-options';
import { isMapped } from './datagram-records';
import { type DatagramSettings, preparedSettings, SETTINGS } from './datagram-settings';
import type { Sender } from './outbox';
import { addressesOf } from '../connect/lookup';
import { checkHost, familyOf } from '../host-options';
import { type Family, isIP } from '../ip';
import { openSocket } from '../open-socket';
import { setNumber } from '../options';
import { bindToPath } from '../unix-path';

interface UdpOptions extends DatagramSettings {
  /** Adds `details` to every received datagram: where it was sent to, and how; off by default. */
  readonly details?: boolean | undefined;
  /** SO_REUSEADDR: share the address with others that set it, as receivers of multicast do. */
  readonly reuseAddress?: boolean | undefined;
  /** SO_REUSEPORT: the system distributes datagrams among all sockets of the address that set it. */
  readonly reusePort?: boolean | undefined;
  /** 4 or 6 for an address of that family only; 0, the default, for either. */
  readonly family?: 0 | 4 | 6 | undefined;
  /** Called in place of `dns.lookup`, with the same arguments and `all`, as in node:net. */
  readonly lookup?: LookupFunction | undefined;
  readonly path?: undefined;
}

/** Where a UDP socket receives. */
export interface UdpBindOptions extends UdpOptions {
  /**
   * An address or a name. The default is `'0.0.0.0'`, every IPv4 address; with family 6 or `ipv6Only` it
   * is `'::'`, which is every address of both families, unless `ipv6Only` is set.
   */
  readonly host?: string | undefined;
  /** The default 0 picks any free port; see `localAddress`. */
  readonly port?: number | undefined;
  /** IPv6 only: implies family 6, and `'::'` is then every IPv6 address but no IPv4 one. */
  readonly ipv6Only?: boolean | undefined;
}

/** The peer of a UDP socket. */
export interface UdpConnectOptions extends UdpOptions {
  /** 1 to 65535. */
  readonly port: number;
  /** An address, or a name, whose first address is used; `'localhost'` by default. */
  readonly host?: string | undefined;
  /** The address of this machine to send from, which also sets the family; by default the system chooses. */
  readonly localAddress?: string | undefined;
  /** The port to send from; any free one by default. */
  readonly localPort?: number | undefined;
}

/** Where a Unix socket receives. */
export interface UnixBindOptions {
  /**
   * The path of the socket file, which is created, replacing one left by a closed socket, and removed by
   * `close`. On Linux it may be a name in the abstract namespace, which begins with a NUL byte and needs
   * no file; `''` picks any free one of those.
   */
  readonly path: string;
}

/** The peer of a Unix socket. */
export interface UnixConnectOptions {
  /** The path of the receiver's socket, or its abstract name. */
  readonly path: string;
  /** Where to receive answers, like the path of `bind`; without it the socket has no name. */
  readonly localPath?: string | undefined;
}

/** An open socket, for `Datagram`. */
export interface Opened extends Sender {
  readonly fd: number;
  readonly details: boolean;
  /** Removes the file of a Unix socket, if it has one. */
  readonly release: () => void;
}

const { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM } = native;
const NOBODY = new Uint8Array(0);
const INTERNET_ONLY = [
  ...SETTINGS,
  ...(['details', 'reuseAddress', 'reusePort', 'ipv6Only'] as const),
  ...(['host', 'port', 'localAddress', 'localPort', 'family', 'lookup'] as const),
];
const CONNECT_ONLY = ['localAddress', 'localPort', 'localPath'];
const BIND_ONLY = ['ipv6Only'];
const UNIX_ONLY = ['localPath'];

export async function openBound(
  o: UdpBindOptions | UnixBindOptions,
  abort: Abortable | undefined,
): Promise<Opened> {
  const signal = liveSignal(abort);
  object('options', o);
  refuseForeign(o, FOREIGN_TO_DATAGRAM);
  refuse(o, CONNECT_ONLY, 'to bind');
  if (o.path !== undefined) {
    refuse(o, INTERNET_ONLY, 'with a path');
    return openUnix('options.path', o.path, undefined);
  }
  const { port = 0 } = o;
  checkFlags(o);
  portOf('options.port', port);
  const family = familyOfBound(o);
  const set = preparedSettings(o);
  const { host = family === 6 ? '::' : '0.0.0.0' } = o;
  const local = await resolve(host, port, family, o, signal);
  return openUdp(local.family, o, set, local, undefined);
}

export async function openConnected(
  o: UdpConnectOptions | UnixConnectOptions,
  abort: Abortable | undefined,
): Promise<Opened> {
  const signal = liveSignal(abort);
  object('options', o);
  refuseForeign(o, FOREIGN_TO_DATAGRAM);
  if (o.path !== undefined) {
    refuse(o, INTERNET_ONLY, 'with a path');
    if (o.path === '') throw invalidValue('options.path', 'must not be empty', o.path);
    return openUnix('options.localPath', o.localPath, o.path);
  }
  refuse(o, BIND_ONLY, 'to connect');
  refuse(o, UNIX_ONLY, 'without a path');
  const { host = 'localhost', localAddress, localPort = 0 } = o;
  checkFlags(o);
  const port = portOf('options.port', o.port, 1);
  portOf('options.localPort', localPort);
  const set = preparedSettings(o);
  const remote = await resolve(host, port, familyOf(o.family, localAddress), o, signal);
  const any = remote.family === AF_INET6 ? '::' : '0.0.0.0';
  const local = endOf('localAddress', localAddress ?? any, localPort);
  const isBound = localAddress !== undefined || localPort !== 0;
  return openUdp(remote.family, o, set, isBound ? local : undefined, remote);
}

/** Opens a Unix socket. `name`: the user's name for the path to bind it to. */
function openUnix(name: string, local: string | undefined, remote: string | undefined): Opened {
  const peer = remote === undefined ? NOBODY : encodeUnix('options.path', remote);
  if (local !== undefined) encodeUnix(name, local);
  return openSocket(AF_UNIX, SOCK_DGRAM, (fd) => {
    const release = local === undefined ? ignore : bindToPath(fd, name, local);
    const result = remote === undefined ? 0 : native.connect(fd, peer);
    if (result < 0) {
      release();
      throw systemError(result, 'connect', { address: remote });
    }
    const peerFamily = remote === undefined ? null : AF_UNIX;
    return { fd, family: AF_UNIX, details: false, peerFamily, peer, release };
  });
}

/** Opens a UDP socket. `local` and `remote`: what to bind and to connect it to. */
function openUdp(
  family: number,
  o: UdpBindOptions,
  set: ReturnType<typeof preparedSettings>,
  local: End | undefined,
  remote: End | undefined,
): Opened {
  const { SOL_SOCKET, SO_REUSEADDR, SO_REUSEPORT, IPPROTO_IPV6, IPV6_V6ONLY } = native;
  const { reuseAddress = false, reusePort = false, details = false, ipv6Only = false } = o;
  return openSocket(family, SOCK_DGRAM, (fd) => {
    if (remote === undefined && family === AF_INET6) {
      setNumber(fd, IPPROTO_IPV6, IPV6_V6ONLY, Number(ipv6Only));
    }
    if (reuseAddress) setNumber(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (reusePort) setNumber(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    set(fd, family);
    if (details) check(native.enableDetails(fd, family), 'setsockopt', fd);
    if (local !== undefined) attach('bind', fd, local);
    if (remote !== undefined) attach('connect', fd, remote);
    const peer = remote?.address ?? NOBODY;
    const ofDatagrams = isMapped(peer) ? AF_INET : family;
    const peerFamily = remote === undefined ? null : ofDatagrams;
    return { fd, family, details, peerFamily, peer, release: ignore };
  });
}

interface End {
  readonly host: string;
  readonly port: number;
  readonly family: number;
  readonly address: Uint8Array;
}

/** Looks up the first address of a host. */
async function resolve(
  host: unknown,
  port: number,
  family: Family,
  { lookup }: UdpOptions,
  signal: AbortSignal | undefined,
): Promise<End> {
  checkHost(host, family);
  if (lookup !== undefined) callback('options.lookup', lookup);
  const [address] = isIP(host) === 0 ? await addressesOf(host, { family, lookup, signal }) : [host];
  return endOf('host', address, port);
}

function endOf(name: string, host: string, port: number): End {
  const address = encodeHost(`options.${name}`, host, port);
  return { host, port, family: address[native.FAMILY_OFFSET], address };
}

function familyOfBound(o: UdpBindOptions): Family {
  const family = familyOf(o.family);
  if (o.ipv6Only !== true) return family;
  if (family === 4) throw invalidValue('options.family', 'must not be 4 with ipv6Only', family);
  return 6;
}

/** Binds or connects. */
function attach(syscall: 'bind' | 'connect', fd: number, { host, port, address }: End): void {
  const result = native[syscall](fd, address);
  if (result < 0) throw systemError(result, syscall, { address: host, port });
}

function checkFlags(o: UdpBindOptions): void {
  for (const name of ['details', 'reuseAddress', 'reusePort', 'ipv6Only'] as const) {
    if (o[name] !== undefined) boolean(`options.${name}`, o[name]);
  }
}

function ignore(): void {
  // No file to remove.
}
