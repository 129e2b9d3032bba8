import { native } from '../../native';
import {
  type Address,
  decodeAddress,
  encodeAddress,
  type InternetAddress,
  type RawAddress,
  type UnixAddress,
} from '../address';
import { isIP } from '../ip';
import { zoneOf } from './datagram-records';

/** Where a datagram goes: an address in numbers (no name is looked up), or the path of a socket. */
export type Destination =
  | Pick<InternetAddress, 'address' | 'port' | 'path'>
  | Pick<UnixAddress, 'path' | 'address' | 'port'>
  | RawAddress;

/** How many addresses are remembered, either way; then all are forgotten: anybody can invent more. */
const MOST = 1024;

const { AF_INET, FAMILY_OFFSET } = native;

/** By host and port, for sockets of IPv4 and of IPv6. */
const plain = new Map<string, Map<number, Uint8Array>>();
const dressed = new Map<string, Map<number, Uint8Array>>();
const paths = new Map<string | undefined, Uint8Array>();
const decoded = new Map<number | string, Address>();
/** The sender of IPv4 that was asked for last, and the words of its structure: most come in bursts. */
let lastSender: Address | null = null;
let lastPort = 0;
let lastHost = 0;
let encodings = 0;

/**
 * The structure for a destination; the same one again for an equal one. A socket of IPv6 reaches an
 * address of IPv4 by another name, `::ffff:192.0.2.1`.
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
  const hosts = ipv6 ? dressed : plain;
  const known = hosts.get(address)?.get(port);
  if (known !== undefined) return known;
  const host = ipv6 && isIP(address) === 4 ? `::ffff:${address}` : address;
  const encoded = encodeAddress(name, { address: host, port, family: 'IPv4' });
  // An interface may come back under its name with another number.
  if (address.includes('%')) return encoded;
  makeRoom();
  const ports = hosts.get(address) ?? new Map<number, Uint8Array>();
  hosts.set(address, ports.set(port, encoded));
  return encoded;
}

/** For one more. */
function makeRoom(): void {
  if (++encodings <= MOST) return;
  for (const known of [plain, dressed, paths]) known.clear();
  encodings = 1;
}

/**
 * The address of the structure of `length` bytes at `offset`, which is a multiple of 4; the same frozen
 * object again for equal bytes. `words` is the same memory as `bytes`.
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
  // An address and port of IPv4 make 48 bits.
  const key =
    family === AF_INET
      ? (bytes[offset + 2] * 256 + bytes[offset + 3]) * 2 ** 32 + (words[word + 1] >>> 0)
      : bytes.toString('latin1', offset, offset + length);
  const known = decoded.get(key);
  if (known !== undefined) {
    if (family === AF_INET) {
      // The word of the port has the family as well, so that no other structure is taken for this one.
      lastSender = known;
      lastPort = words[word];
      lastHost = words[word + 1];
    }
    return known;
  }
  const structure = bytes.subarray(offset, offset + length);
  const address = Object.freeze(decodeAddress(structure));
  // The name of an interface may change.
  if (address === null || zoneOf(structure) !== 0) return address;
  if (decoded.size >= MOST) decoded.clear();
  decoded.set(key, address);
  return address;
}
