import type { LookupFunction } from 'node:net';
import { check, invalidAddress, invalidType, invalidValue, systemError } from '../../errors';
import { native } from '../../native';
import { type Abortable, callback, integer, liveSignal, refuseForeign } from '../../validate';
import { encodeInternet, encodeUnix } from '../address';
import { FOREIGN_TO_DATAGRAM } from '../beside';
import { isMapped } from './datagram-records';
import { type DatagramSettings, preparedSettings, setOption, SETTINGS } from './datagram-settings';
import { isIP } from '../ip';
import { addressesOf, type Family } from '../connect/lookup';
import { checkHost } from '../tcp';
import { bindToPath } from '../unix-path';

interface UdpOptions extends DatagramSettings {
  /** Every datagram that is received tells where it went to, and how; off by default. */
  readonly details?: boolean;
  /** SO_REUSEADDR: share the address with others that ask for it, as receivers of multicast do. */
  readonly reuseAddress?: boolean;
  /** SO_REUSEPORT: the system spreads what comes in over all sockets of the address that ask for it. */
  readonly reusePort?: boolean;
  /** 4 or 6 for an address of that family only; 0, the default, for either. */
  readonly family?: 0 | 4 | 6;
  /** Called instead of `dns.lookup` and in the same way, with `all`, as node:net does it. */
  readonly lookup?: LookupFunction;
  readonly path?: undefined;
}

/** Where a UDP socket receives. */
export interface UdpBindOptions extends UdpOptions {
  /**
   * An address or a name; `'0.0.0.0'`, every address of IPv4, by default. `'::'`, the default of family
   * 6 and of `ipv6Only`, is those of both.
   */
  readonly host?: string;
  /** 0, any free port, by default; see `localAddress`. */
  readonly port?: number;
  /** IPv6 alone, as with family 6, and `'::'` is every address of that only. */
  readonly ipv6Only?: boolean;
}

/** Whom a UDP socket talks to. */
export interface UdpConnectOptions extends UdpOptions {
  /** 1 to 65535. */
  readonly port: number;
  /** An address or a name, of which the first address is taken; `'localhost'` by default. */
  readonly host?: string;
  /** The address of this machine to send from, which decides the family; the system's choice by default. */
  readonly localAddress?: string;
  /** The port to send from; any free one by default. */
  readonly localPort?: number;
}

/** Where a Unix socket receives. */
export interface UnixBindOptions {
  /**
   * The path of the socket file, which is made, over one that is left of a socket that is gone, and
   * removed by `close`. On Linux a name in the
   * abstract namespace, beginning with a NUL byte, leaves no file, and `''` is any free one of those.
   */
  readonly path: string;
}

/** Whom a Unix socket talks to. */
export interface UnixConnectOptions {
  /** The path of the receiver's socket, or its abstract name. */
  readonly path: string;
  /** Where answers go, as the path of `bind`; without it the socket has no name. */
  readonly localPath?: string;
}

/** An open socket, for `Datagram`. */
export interface Opened {
  readonly fd: number;
  readonly family: number;
  readonly details: boolean;
  /** `AF_` of the header of what goes to the peer; `null` without one. */
  readonly peerFamily: number | null;
  /** The structure of the address that it is connected to; empty without one. */
  readonly peer: Uint8Array;
  /** Removes the file of a Unix socket, if it has one. */
  readonly release: () => void;
}

const { AF_INET, AF_INET6, AF_UNIX } = native;
const MOST_PORT = 65535;
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
  checkObject(o);
  refuseForeign(o, FOREIGN_TO_DATAGRAM);
  refuse(o, CONNECT_ONLY, 'to bind');
  if (o.path !== undefined) {
    refuse(o, INTERNET_ONLY, 'with a path');
    const { path } = o;
    encodeUnix('options.path', path);
    return open(AF_UNIX, (fd) => {
      const release = bindToPath(fd, 'options.path', path);
      return { family: AF_UNIX, details: false, peerFamily: null, peer: NOBODY, release };
    });
  }
  const { port = 0, details = false, ipv6Only = false } = o;
  checkFlags({ ...o, details, ipv6Only });
  integer('options.port', port, 0, MOST_PORT);
  const family = familyOfBound(o);
  const set = preparedSettings(o);
  const { host = family === 6 ? '::' : '0.0.0.0' } = o;
  const local = await resolve(host, port, family, o, signal);
  return open(local.family, (fd) => {
    if (local.family === AF_INET6) {
      setOption(fd, native.IPPROTO_IPV6, native.IPV6_V6ONLY, Number(ipv6Only));
    }
    prepare(fd, local.family, o, set);
    bindHost(fd, local);
    return { family: local.family, details, peerFamily: null, peer: NOBODY, release: ignore };
  });
}

export async function openConnected(
  o: UdpConnectOptions | UnixConnectOptions,
  abort: Abortable | undefined,
): Promise<Opened> {
  const signal = liveSignal(abort);
  checkObject(o);
  refuseForeign(o, FOREIGN_TO_DATAGRAM);
  if (o.path !== undefined) {
    refuse(o, INTERNET_ONLY, 'with a path');
    const { path, localPath } = o;
    if (path === '') throw invalidValue('options.path', 'must not be empty', path);
    const peer = encodeUnix('options.path', path);
    if (localPath !== undefined) encodeUnix('options.localPath', localPath);
    return open(AF_UNIX, (fd) => {
      const release =
        localPath === undefined ? ignore : bindToPath(fd, 'options.localPath', localPath);
      const result = native.connect(fd, peer);
      if (result < 0) {
        release();
        throw systemError(result, 'connect', { address: path });
      }
      return { family: AF_UNIX, details: false, peerFamily: AF_UNIX, peer, release };
    });
  }
  refuse(o, BIND_ONLY, 'to connect');
  refuse(o, UNIX_ONLY, 'without a path');
  const { host = 'localhost', localAddress, localPort = 0, details = false } = o;
  checkFlags({ ...o, details });
  const port = integer('options.port', o.port, 1, MOST_PORT);
  const from = integer('options.localPort', localPort, 0, MOST_PORT);
  const own = ownFamily(localAddress);
  const set = preparedSettings(o);
  const remote = await resolve(host, port, familyOf(o) || own, o, signal);
  const { family } = remote;
  const any = family === AF_INET6 ? '::' : '0.0.0.0';
  const local = structureOf('localAddress', localAddress ?? any, from);
  if (local.family !== family) {
    throw invalidValue('options.localAddress', "must be of the host's family", localAddress);
  }
  return open(family, (fd) => {
    prepare(fd, family, o, set);
    if (localAddress !== undefined || from !== 0) bindHost(fd, local);
    const result = native.connect(fd, remote.address);
    if (result < 0) throw systemError(result, 'connect', { address: remote.host, port });
    const { headerFamily: peerFamily, address: peer } = remote;
    return { family, details, peerFamily, peer, release: ignore };
  });
}

type Setter = ReturnType<typeof preparedSettings>;

/** Closes the socket again if `use` throws. */
function open(family: number, use: (fd: number) => Omit<Opened, 'fd'>): Opened {
  const fd = check(native.socket(family, native.SOCK_DGRAM, 0), 'socket');
  try {
    return { fd, ...use(fd) };
  } catch (error) {
    native.close(fd);
    throw error;
  }
}

function prepare(fd: number, family: number, o: UdpOptions, set: Setter): void {
  const { SOL_SOCKET, SO_REUSEADDR, SO_REUSEPORT } = native;
  const { reuseAddress = false, reusePort = false, details = false } = o;
  if (reuseAddress) setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (reusePort) setOption(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  set(fd, family);
  if (details) check(native.enableDetails(fd, family), 'setsockopt', fd);
}

interface Resolved {
  readonly host: string;
  readonly port: number;
  readonly family: number;
  /** That of the datagrams: IPv4 also for `::ffff:192.0.2.1`. */
  readonly headerFamily: number;
  readonly address: Uint8Array;
}

/** The first address of a host. */
async function resolve(
  host: unknown,
  port: number,
  family: Family,
  { lookup }: UdpOptions,
  signal: AbortSignal | undefined,
): Promise<Resolved> {
  checkHost(host);
  if (lookup !== undefined) callback('options.lookup', lookup);
  const kind = isIP(host);
  if (kind === 0) {
    const [found] = await addressesOf(host, { family, lookup, signal });
    return structureOf('host', found, port);
  }
  if (family !== 0 && kind !== family) {
    throw invalidValue('options.host', `is not an IPv${family} address`, host);
  }
  return structureOf('host', host, port);
}

function structureOf(name: string, host: string, port: number): Resolved {
  const address = encodeInternet(host, port);
  if (address === undefined) throw invalidValue(`options.${name}`, 'has an unknown zone', host);
  const family = isIP(host) === 6 ? AF_INET6 : AF_INET;
  const headerFamily = isMapped(address) ? AF_INET : family;
  return { host, port, family, headerFamily, address };
}

/** Of the address to send from; 0 without one. */
function ownFamily(address: unknown): Family {
  if (address === undefined) return 0;
  if (typeof address !== 'string') {
    throw invalidType('options.localAddress', 'of type string', address);
  }
  const family = isIP(address);
  if (family === 0) throw invalidAddress(address);
  return family;
}

function familyOf({ family = 0 }: UdpOptions): Family {
  if (family === 0 || (family as number) === 4 || (family as number) === 6) return family;
  throw invalidValue('options.family', 'must be one of: 0, 4, 6', family);
}

function familyOfBound(o: UdpBindOptions): Family {
  const family = familyOf(o);
  if (o.ipv6Only !== true) return family;
  if (family === 4) throw invalidValue('options.family', 'must not be 4 with ipv6Only', family);
  return 6;
}

function bindHost(fd: number, { host, port, address }: Resolved): void {
  const result = native.bind(fd, address);
  if (result < 0) throw systemError(result, 'bind', { address: host, port });
}

function checkObject(o: unknown): void {
  if (typeof o !== 'object' || o === null) throw invalidType('options', 'of type object', o);
}

/** What would be ignored otherwise. */
function refuse(o: object, names: readonly string[], where: string): void {
  for (const name of names) {
    const value = (o as Record<string, unknown>)[name];
    if (value === undefined) continue;
    throw invalidValue(`options.${name}`, `must not be given ${where}`, value);
  }
}

function checkFlags(o: UdpBindOptions): void {
  for (const name of ['details', 'reuseAddress', 'reusePort', 'ipv6Only'] as const) {
    const value: unknown = o[name];
    if (value === undefined || typeof value === 'boolean') continue;
    throw invalidType(`options.${name}`, 'of type boolean', value);
  }
}

function ignore(): void {
  // There is no file.
}
