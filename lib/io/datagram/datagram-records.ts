import { native } from '../../native';

// The layout of the records that cross between JavaScript and native code: 32-bit numbers, see
// native/sys/datagram.h. The constants are indexes and counts of those numbers.

/** The record of a received datagram. */
export const RECEIVED = {
  OFFSET: 0,
  LENGTH: 1,
  TRUNCATED: 2,
  SEGMENT: 3,
  ADDRESS_LENGTH: 4,
  DETAILS: 8,
  ADDRESS: 16,
  WORDS: 48,
} as const;

/** The record of an outgoing datagram. */
export const OUTGOING = {
  OFFSET: 0,
  LENGTH: 1,
  ADDRESS_OFFSET: 2,
  ADDRESS_LENGTH: 3,
  DETAILS: 4,
  WORDS: 12,
} as const;

/** The details in either record. */
export const DETAILS = { TTL: 0, TOS: 1, INTERFACE: 2, ADDRESS_LENGTH: 3, ADDRESS: 4 } as const;
export const DETAILS_WORDS = 8;

/** The most messages that one call moves. */
export const MOST_MESSAGES = 64;

const { AF_INET, AF_INET6 } = native;

/** The offset of the bare address in the structures for IPv4 and IPv6. */
const IN_ADDRESS = 4;
const IN6_ADDRESS = 8;
/** The offset of the number of the interface, in the system's byte order. */
const IN6_SCOPE = 24;

/** The 4 or 16 bytes of the address in a structure. */
export function bareAddress(structure: Uint8Array): Uint8Array {
  return structure.length >= IN6_ADDRESS + 16 + 4
    ? structure.subarray(IN6_ADDRESS, IN6_ADDRESS + 16)
    : structure.subarray(IN_ADDRESS, IN_ADDRESS + 4);
}

/** The zone of an address, as the number of the interface; 0 for none. */
export function zoneOf(structure: Uint8Array): number {
  if (structure[native.FAMILY_OFFSET] !== AF_INET6 || structure.length < IN6_SCOPE + 4) return 0;
  const bytes = Uint8Array.from(structure.subarray(IN6_SCOPE, IN6_SCOPE + 4));
  return new Uint32Array(bytes.buffer)[0];
}

const MAPPED = Uint8Array.from([...Array<number>(10).fill(0), 0xff, 0xff]);

/** Whether it is an IPv4-mapped address: `::ffff:192.0.2.1`. */
export function isMapped(structure: Uint8Array): boolean {
  const prefix = bareAddress(structure).subarray(0, MAPPED.length);
  return Buffer.compare(prefix, MAPPED) === 0;
}

const MOST_FORMATTED = 256;
const formatted = new Map<string, string>();

/** Formats a bare address; `undefined` if there is none. */
export function formatBare(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return undefined;
  const key = bytes.toString('latin1');
  const known = formatted.get(key);
  if (known !== undefined) return known;
  const structure = Buffer.alloc(28);
  structure[native.FAMILY_OFFSET] = bytes.length === 4 ? AF_INET : AF_INET6;
  structure.set(bytes, bytes.length === 4 ? IN_ADDRESS : IN6_ADDRESS);
  const text = native.formatHost(structure);
  // This machine has few addresses, but peers may send to any multicast group.
  if (formatted.size >= MOST_FORMATTED) formatted.clear();
  formatted.set(key, text);
  return text;
}
