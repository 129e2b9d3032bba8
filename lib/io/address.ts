import {
  check,
  EINVAL,
  ENOTCONN,
  ENOTSOCK,
  ENOTSUP,
  EOPNOTSUPP,
  invalidType,
  invalidValue,
} from '../errors';
import { native } from '../native';
import { integer, object, refuseForeign, string } from '../validate';
import { FOREIGN_TO_ADDRESS } from './refused-options';

/** The address of one end of a TCP connection, of a listener or a datagram, as `net.AddressInfo`. */
export interface InternetAddress {
  /** With its zone where it needs one: `'fe80::1%eth0'`, or the interface's number. */
  readonly address: string;
  /** 0 where there is none yet. */
  readonly port: number;
  /** Which of the two kinds the address is of. */
  readonly family: 'IPv4' | 'IPv6';
  readonly path?: undefined;
}

/** The name of a Unix socket; see unix(7). */
export interface UnixAddress {
  /** `''` for a socket without a name; begins with a NUL byte in the abstract namespace of Linux. */
  readonly path: string;
  readonly address?: undefined;
  readonly port?: undefined;
  readonly family?: undefined;
}

/** An address of a family that has no shape of its own here. */
export interface RawAddress {
  /** An `AF_` number. */
  readonly family: number;
  /** What follows the family in the system's structure. */
  readonly data: Uint8Array;
  readonly address?: undefined;
  readonly port?: undefined;
  readonly path?: undefined;
}

/** What a socket is bound or connected to. */
export type Address = InternetAddress | UnixAddress | RawAddress;

const { AF_INET, AF_INET6, AF_UNIX, FAMILY_OFFSET, HAS_LENGTH, UNIX_PATH_LENGTH } = native;

/** sizeof(struct sockaddr_storage): no address is longer. */
export const ADDRESS_LENGTH = 128;
/** The offset of what follows the family. */
const DATA = 2;
const MOST_PORT = 65535;

/**
 * The errors of getsockname and getpeername where there is no address: the connection was reset (EINVAL on
 * Darwin), the family has no addresses, or the descriptor is not a socket.
 */
export const NO_ADDRESS: ReadonlySet<number> = new Set([
  ENOTCONN,
  EINVAL,
  ENOTSOCK,
  ENOTSUP,
  EOPNOTSUPP,
]);

const scratch = Buffer.alloc(ADDRESS_LENGTH);

/** @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` */
export function portOf(name: string, value: unknown, least = 0): number {
  return integer(name, value, least, MOST_PORT);
}

/** Encodes an IPv4 or IPv6 address; `undefined` if `host` is not one. */
export function encodeInternet(host: string, port: number): Buffer | undefined {
  const length = native.parseHost(host, port, scratch);
  return length < 0 ? undefined : Buffer.from(scratch.subarray(0, length));
}

/**
 * Encodes a host that `isIP` accepts: only its zone may be invalid.
 * @throws `ERR_INVALID_ARG_VALUE`
 */
export function encodeHost(name: string, host: string, port: number): Buffer {
  const address = encodeInternet(host, port);
  if (address === undefined) throw invalidValue(name, 'has an unknown zone', host);
  return address;
}

/**
 * Encodes the path of a Unix socket.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` if it is too long (over 107 bytes on Linux, 103
 * on macOS) or contains a NUL byte anywhere but at its beginning
 */
export function encodeUnix(name: string, path: unknown): Buffer {
  const bytes = Buffer.from(string(name, path));
  const abstract = bytes[0] === 0;
  if (!abstract && bytes.includes(0)) throw invalidValue(name, 'must not contain NUL bytes', path);
  const most = abstract ? UNIX_PATH_LENGTH : UNIX_PATH_LENGTH - 1;
  if (bytes.length > most) throw invalidValue(name, `must be at most ${most} bytes long`, path);
  // A path is terminated by a NUL byte; an abstract or empty name by the length of the structure.
  const terminated = path === '' || abstract ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
  return structure(AF_UNIX, terminated);
}

/** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE` */
export function encodeAddress(name: string, given: Address): Buffer {
  object(name, given);
  if (given.path !== undefined) return encodeUnix(`${name}.path`, given.path);
  if (given.address !== undefined) {
    const address = string(`${name}.address`, given.address);
    const encoded = encodeInternet(address, portOf(`${name}.port`, given.port));
    if (encoded === undefined) {
      throw invalidValue(`${name}.address`, 'must be an IPv4 or IPv6 address', address);
    }
    return encoded;
  }
  const { family, data } = given;
  // Most likely a missing or misspelled `address`.
  if ((family as number | undefined) === undefined) {
    refuseForeign(given, FOREIGN_TO_ADDRESS, name);
    throw invalidType(`${name}.address`, 'of type string', undefined);
  }
  if (!(data instanceof Uint8Array)) {
    throw invalidType(`${name}.data`, 'an instance of Uint8Array', data);
  }
  if (data.length > ADDRESS_LENGTH - DATA) {
    throw invalidValue(`${name}.data`, `must be at most ${ADDRESS_LENGTH - DATA} bytes long`, data);
  }
  return structure(integer(`${name}.family`, family, 0, 255), data);
}

/** `null` for an empty structure, such as that of a peer without a name. */
export function decodeAddress(bytes: Uint8Array): Address | null {
  if (bytes.length < DATA) return null;
  const family = bytes[FAMILY_OFFSET];
  if (family === AF_UNIX) return { path: pathOf(bytes.subarray(DATA)) };
  if (family !== AF_INET && family !== AF_INET6)
    return { family, data: Buffer.from(bytes.subarray(DATA)) };
  return {
    address: native.formatHost(bytes),
    port: (bytes[2] << 8) | bytes[3],
    family: family === AF_INET ? 'IPv4' : 'IPv6',
  };
}

/** Where a message comes from: `null` for a Unix socket without a name, which has an empty path on BSD. */
export function senderOf<T extends object>(address: T | null): T | null {
  return address !== null && 'path' in address && address.path === '' ? null : address;
}

/** The structure of a socket's own address, valid until the next call; empty if it has none. */
export function localName(fd: number): Uint8Array {
  return nameBy(native.localAddress(fd, scratch), 'getsockname', fd);
}

/** The structure of the peer's address, valid until the next call; empty if there is none. */
export function remoteName(fd: number): Uint8Array {
  return nameBy(native.remoteAddress(fd, scratch), 'getpeername', fd);
}

/** The `AF_` number of a socket; `undefined` if it has no address. */
export function socketFamily(fd: number): number | undefined {
  return localName(fd)[FAMILY_OFFSET];
}

/** `null` if the socket has none. */
export function localAddress(fd: number): Address | null {
  return decodeAddress(localName(fd));
}

/** `null` if the socket has no peer. */
export function remoteAddress(fd: number): Address | null {
  return decodeAddress(remoteName(fd));
}

function nameBy(length: number, syscall: string, fd: number): Uint8Array {
  if (NO_ADDRESS.has(length)) return scratch.subarray(0, 0);
  return scratch.subarray(0, check(length, syscall, fd));
}

function structure(family: number, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(DATA + data.length);
  bytes[FAMILY_OFFSET] = family;
  if (HAS_LENGTH) bytes[0] = bytes.length;
  bytes.set(data, DATA);
  return bytes;
}

function pathOf(bytes: Uint8Array): string {
  // Linux's abstract names extend to the end. A path may be terminated by NUL bytes, and be empty on BSD.
  const end = bytes[0] === 0 && !HAS_LENGTH ? -1 : bytes.indexOf(0);
  return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString();
}
