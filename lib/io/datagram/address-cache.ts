import { native } from '../../native';
import {
  type Address,
  decodeAddress,
  encodeAddress,
  type InternetAddress,
  type RawAddress,
  senderOf,
  type UnixAddress,
} from '../address';
import { isIP } from '../ip';
import { zoneOf } from './datagram-records';

/** Where a datagram goes: an address in numbers (no name is looked up), or the path of a socket. */
export type Destination =
  | Pick<InternetAddress, 'address' | 'port' | 'path'>
  | Pick<UnixAddress, 'path' | 'address' | 'port'>
  | RawAddress;

/** The capacity of each cache. A full one is cleared: peers can make up any number of addresses. */
const MOST = 1024;

const { AF_INET, FAMILY_OFFSET } = native;

/** Encoded addresses by host and port: for IPv4 sockets, and for IPv6 sockets (IPv4-mapped). */
const plain = new Map<string, Map<number, Uint8Array>>();
const mapped = new Map<string, Map<number, Uint8Array>>();
const paths = new Map<string | undefined, Uint8Array>();
const decoded = new Map<number | string, Address>();
/** The last IPv4 sender, and the first two words of its structure: datagrams of one sender come in bursts. */
let lastSender: Address | null = null;
let lastPort = 0;
let lastHost = 0;
let encodings = 0;

/**
 * Encodes a destination; equal ones give the same object. For an IPv6 socket, an IPv4 address is encoded as
 * an IPv4-mapped one, `::ffff:192.0.2.1`.
 * @throws like `encodeAddress`
 */
export function encodeDestination(name: string, to: Destination, ipv6: boolean): Uint8Array {
  const { address, port, path } = Object(to) as { address?: string; port: number; path?: string };
  if (address === undefined) {
    const known = paths.get(path);
    if (known !== undefined) return known;
    const encoded = encodeAddress(name, to as Address);
    if (path === undefined) return encoded;
    makeRoom();
    paths.set(path, encoded);
    return encoded;
  }
  const hosts = ipv6 ? mapped : plain;
  const known = hosts.get(address)?.get(port);
  if (known !== undefined) return known;
  const host = ipv6 && isIP(address) === 4 ? `::ffff:${address}` : address;
  const encoded = encodeAddress(name, { address: host, port, family: 'IPv4' });
  // Not cached, since the number of an interface may change.
  if (address.includes('%')) return encoded;
  makeRoom();
  const ports = hosts.get(address) ?? new Map<number, Uint8Array>();
  hosts.set(address, ports.set(port, encoded));
  return encoded;
}

/** Makes room for one more encoded address. */
function makeRoom(): void {
  if (++encodings <= MOST) return;
  for (const known of [plain, mapped, paths]) known.clear();
  encodings = 1;
}

/**
 * Decodes the structure of `length` bytes at `offset`, a multiple of 4; equal bytes give the same frozen
 * object. `words` is the same memory as `bytes`.
 */
export function decodeSender(
  bytes: Buffer,
  words: Int32Array,
  offset: number,
  length: number,
): Address | null {
  if (length === 0) return null;
  const word = offset / 4;
  if (lastSender !== null && words[word] === lastPort && words[word + 1] === lastHost) {
    return lastSender;
  }
  const family = bytes[offset + FAMILY_OFFSET];
  // An IPv4 address and port have 48 bits.
  const key =
    family === AF_INET
      ? (bytes[offset + 2] * 256 + bytes[offset + 3]) * 2 ** 32 + (words[word + 1] >>> 0)
      : bytes.toString('latin1', offset, offset + length);
  const known = decoded.get(key);
  if (known !== undefined) {
    if (family === AF_INET) {
      // The word with the port includes the family, so no other structure can match.
      lastSender = known;
      lastPort = words[word];
      lastHost = words[word + 1];
    }
    return known;
  }
  const structure = bytes.subarray(offset, offset + length);
  const address = Object.freeze(senderOf(decodeAddress(structure)));
  // Not cached, since the name of an interface may change.
  if (address === null || zoneOf(structure) !== 0) return address;
  if (decoded.size >= MOST) decoded.clear();
  decoded.set(key, address);
  return address;
}
