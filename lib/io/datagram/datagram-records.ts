import { native } from '../../native';

// What crosses for each datagram: structures of 32-bit numbers, see native/sys/datagram.h. The
// constants are the numbers' places, or counts of them.

/** A record of a datagram that was received. */
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

/** A record of a datagram that is to be sent. */
export const OUTGOING = {
  OFFSET: 0,
  LENGTH: 1,
  ADDRESS_OFFSET: 2,
  ADDRESS_LENGTH: 3,
  DETAILS: 4,
  WORDS: 12,
} as const;

/** Within the details of either. */
export const DETAILS = { TTL: 0, TOS: 1, INTERFACE: 2, ADDRESS_LENGTH: 3, ADDRESS: 4 } as const;
export const DETAILS_WORDS = 8;

/** How many messages one call moves at most. */
export const MOST_MESSAGES = 64;

const { AF_INET, AF_INET6 } = native;

/** An IPv4 or IPv6 address without its port begins here in its structure. */
const IN_ADDRESS = 4;
const IN6_ADDRESS = 8;
/** The number of the interface, in the system's byte order, begins here. */
const IN6_SCOPE = 24;

/** The 4 or 16 bytes of an address in its structure. */
export function bareAddress(structure: Uint8Array): Uint8Array {
  return structure.length >= IN6_ADDRESS + 16 + 4
    ? structure.subarray(IN6_ADDRESS, IN6_ADDRESS + 16)
    : structure.subarray(IN_ADDRESS, IN_ADDRESS + 4);
}

/** The number of the interface that an address is said to be behind; 0 for none. */
export function zoneOf(structure: Uint8Array): number {
  if (structure[native.FAMILY_OFFSET] !== AF_INET6 || structure.length < IN6_SCOPE + 4) return 0;
  const bytes = Uint8Array.from(structure.subarray(IN6_SCOPE, IN6_SCOPE + 4));
  return new Uint32Array(bytes.buffer)[0];
}

const MAPPED = Uint8Array.from([...Array<number>(10).fill(0), 0xff, 0xff]);

/** Whether it is an address of IPv4 as IPv6 writes it: `::ffff:192.0.2.1`. */
export function isMapped(structure: Uint8Array): boolean {
  const prefix = bareAddress(structure).subarray(0, MAPPED.length);
  return Buffer.compare(prefix, MAPPED) === 0;
}

const MOST_FORMATTED = 256;
const formatted = new Map<string, string>();

/** The text of an address that stands by itself; `undefined` for none. */
export function formatBare(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return undefined;
  const key = bytes.toString('latin1');
  const known = formatted.get(key);
  if (known !== undefined) return known;
  const structure = Buffer.alloc(28);
  structure[native.FAMILY_OFFSET] = bytes.length === 4 ? AF_INET : AF_INET6;
  structure.set(bytes, bytes.length === 4 ? IN_ADDRESS : IN6_ADDRESS);
  const text = native.formatHost(structure);
  // This machine has few, but anybody may send to any group.
  if (formatted.size >= MOST_FORMATTED) formatted.clear();
  formatted.set(key, text);
  return text;
}
