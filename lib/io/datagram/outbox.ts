import { invalidType, invalidValue, outOfRange, systemError } from '../../errors';
import { native } from '../../native';
import { bytesOf, integer, MOST_INT, string } from '../../validate';
import { decodeAddress, encodeInternet } from '../address';
import { type Destination, encodeDestination } from './address-cache';
import { bareAddress, DETAILS, DETAILS_WORDS, OUTGOING } from './datagram-records';
import { isIP } from '../ip';

/** Settings for one datagram that override those of the socket. Not for Unix sockets. */
export interface DatagramHeader {
  /** Time to live, or hop limit: 1 to 255. */
  readonly ttl?: number | undefined;
  /** Type of service, or traffic class: 0 to 255; the two lowest bits are ECN. */
  readonly tos?: number | undefined;
  /** The address of this machine to send from; `EINVAL` if the peer's is of another family. */
  readonly source?: string | undefined;
  /** The interface to send through: its name or number. */
  readonly interface?: string | number | undefined;
}

/** One of many datagrams to send. */
export interface OutgoingDatagram extends DatagramHeader {
  /** What is sent; a string as UTF-8. */
  readonly data: Uint8Array | string;
  /** The destination; on a connected socket, the peer if omitted. */
  readonly to?: Destination | undefined;
}

/** The socket that sends. */
export interface Sender {
  /** The `AF_` number of the socket. */
  readonly family: number;
  /** The `AF_` number of datagrams to the peer; `null` if not connected. */
  readonly peerFamily: number | null;
  /** The structure of the peer's address; empty if not connected. */
  readonly peer: Uint8Array;
}

/** Datagrams in the form that native code takes. Those before `first` have been sent. */
export interface Packed {
  readonly bytes: Uint8Array;
  readonly addresses: Uint8Array;
  readonly records: Uint8Array;
  readonly count: number;
  first: number;
}

const BYTES_PER_WORD = 4;
const RECORD_LENGTH = OUTGOING.WORDS * BYTES_PER_WORD;
/** The most memory that is kept between batches. */
const MOST_KEPT = 1 << 20;
const NOWHERE: Uint8Array = new Uint8Array(0);
/** A header that overrides nothing. */
const NO_OVERRIDES = Int32Array.from({ length: DETAILS_WORDS }, (_, word) =>
  word === DETAILS.TTL || word === DETAILS.TOS ? -1 : 0,
);

/** Memory shared by all sockets of the thread: packed datagrams are sent, or copied, before the next call. */
class Scratch {
  #bytes = Buffer.allocUnsafeSlow(0);

  take(length: number): Buffer {
    let bytes = this.#bytes;
    if (bytes.length < length) bytes = Buffer.allocUnsafeSlow(length + (length >> 1));
    if (bytes.length <= MOST_KEPT) this.#bytes = bytes;
    return bytes.subarray(0, length);
  }
}

const dataScratch = new Scratch();
const addressScratch = new Scratch();
const recordScratch = new Scratch();

/** One datagram of the user, checked. */
interface Checked {
  readonly bytes: Uint8Array;
  readonly address: Uint8Array;
  readonly header: Int32Array;
}

/** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE` */
export function destinationOf(
  name: string,
  to: Destination | undefined,
  { family, peerFamily }: Sender,
): Uint8Array {
  if (to !== undefined) return encodeDestination(name, to, family === native.AF_INET6);
  if (peerFamily === null)
    throw invalidType(name, 'of type object: the socket is not connected', to);
  return NOWHERE;
}

/**
 * Checks all datagrams and copies them, so that the caller may change them again. The result is valid until
 * the next call; see `keep`.
 */
export function pack(
  messages: readonly (Uint8Array | string | OutgoingDatagram)[],
  to: Destination | undefined,
  header: DatagramHeader | undefined,
  sender: Sender,
): Packed {
  const common = headerOf('options', header, sender, NO_OVERRIDES);
  const checked: Checked[] = [];
  let length = 0;
  let addressesLength = 0;
  let last = NOWHERE;
  for (const message of messages) {
    const one = checkMessage(checked.length, message, to, common, sender);
    checked.push(one);
    length += one.bytes.length;
    if (one.address !== last) addressesLength += one.address.length;
    last = one.address;
  }
  // Offsets and lengths are passed as 32-bit integers.
  if (length > MOST_INT) throw outOfRange('messages', 'less than 2 GiB in all', length);
  const bytes = dataScratch.take(length);
  const records = recordScratch.take(checked.length * RECORD_LENGTH);
  const words = new Int32Array(records.buffer, 0, checked.length * OUTGOING.WORDS);
  const addresses = addressScratch.take(addressesLength);
  let offset = 0;
  let end = 0;
  let word = 0;
  last = NOWHERE;
  for (const { bytes: data, address, header: details } of checked) {
    // Consecutive datagrams to one address share an offset, by which native code recognizes a train.
    if (address !== last) {
      addresses.set(address, end);
      end += address.length;
    }
    last = address;
    words[word + OUTGOING.ADDRESS_OFFSET] = end - address.length;
    words[word + OUTGOING.ADDRESS_LENGTH] = address.length;
    words[word + OUTGOING.OFFSET] = offset;
    words[word + OUTGOING.LENGTH] = data.length;
    // A loop, since for so few words a call to `set` costs more.
    for (let i = 0; i < DETAILS_WORDS; i++) words[word + OUTGOING.DETAILS + i] = details[i];
    // Copying from a detached buffer throws, even if it is empty.
    if (data.length > 0) bytes.set(data, offset);
    offset += data.length;
    word += OUTGOING.WORDS;
  }
  return { bytes, addresses, records, count: checked.length, first: 0 };
}

/** Copies packed datagrams to memory of their own. */
export function keep({ bytes, addresses, records, count, first }: Packed): Packed {
  return {
    bytes: new Uint8Array(bytes),
    addresses: new Uint8Array(addresses),
    records: new Uint8Array(records),
    count,
    first,
  };
}

/** The destination of the next datagram; `undefined` for the peer. */
export function nextDestination({ addresses, records, first }: Packed): Destination | undefined {
  const words = new Int32Array(records.buffer, records.byteOffset + first * RECORD_LENGTH, 4);
  const offset = words[OUTGOING.ADDRESS_OFFSET];
  const length = words[OUTGOING.ADDRESS_LENGTH];
  return decodeAddress(addresses.subarray(offset, offset + length)) ?? undefined;
}

function checkMessage(
  index: number,
  message: Uint8Array | string | OutgoingDatagram,
  to: Destination | undefined,
  common: Int32Array,
  sender: Sender,
): Checked {
  if (typeof message === 'string' || message instanceof Uint8Array) {
    const address = destinationOf('to', to, sender);
    return { bytes: bytesOf('messages', message), address, header: common };
  }
  const name = `messages[${index}]`;
  if (typeof message !== 'object' || (message as unknown) === null) {
    throw invalidType(name, 'of type string or object, or an instance of Uint8Array', message);
  }
  const { data, to: own = to } = message;
  const address = destinationOf(`${name}.to`, own, sender);
  const header = headerOf(name, message, sender, common);
  // Last, since getters of the user that run later could change or detach the bytes.
  return { bytes: bytesOf(`${name}.data`, data), address, header };
}

/** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE` */
function headerOf(
  name: string,
  given: DatagramHeader | undefined,
  { family }: Sender,
  otherwise: Int32Array,
): Int32Array {
  if (given === undefined) return otherwise;
  const { ttl, tos, source, interface: via } = given;
  if (ttl === undefined && tos === undefined && source === undefined && via === undefined) {
    return otherwise;
  }
  if (family === native.AF_UNIX) {
    throw invalidValue(name, 'must not describe a header: Unix sockets have none', given);
  }
  const header = Int32Array.from(otherwise);
  if (ttl !== undefined) header[DETAILS.TTL] = integer(`${name}.ttl`, ttl, 1, 255);
  if (tos !== undefined) header[DETAILS.TOS] = integer(`${name}.tos`, tos, 0, 255);
  if (via !== undefined) header[DETAILS.INTERFACE] = interfaceOf(`${name}.interface`, via);
  if (source !== undefined) setSource(header, `${name}.source`, source, family);
  return header;
}

function setSource(header: Int32Array, name: string, given: unknown, family: number): void {
  const source = string(name, given);
  // IPv4-mapped on an IPv6 socket, so that the kernel refuses it for a destination of IPv6.
  const mapped = family === native.AF_INET6 && isIP(source) === 4;
  const structure = encodeInternet(mapped ? `::ffff:${source}` : source, 0);
  if (structure === undefined) throw invalidValue(name, 'must be an IPv4 or IPv6 address', source);
  if (family === native.AF_INET && isIP(source) !== 4) {
    throw invalidValue(name, 'must be an IPv4 address', source);
  }
  const bytes = bareAddress(structure);
  header[DETAILS.ADDRESS_LENGTH] = bytes.length;
  new Uint8Array(header.buffer).set(bytes, DETAILS.ADDRESS * BYTES_PER_WORD);
}

/**
 * Returns the number of an interface.
 * @throws `ENODEV` for an unknown name, `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`,
 * `ERR_OUT_OF_RANGE`
 */
export function interfaceOf(name: string, given: unknown): number {
  if (typeof given === 'number') return integer(name, given, 0, MOST_INT);
  if (typeof given !== 'string') throw invalidType(name, 'of type string or number', given);
  const index = native.interfaceIndex(given);
  if (index >= 0) return index;
  if (isIP(given) !== 0) {
    throw invalidValue(name, 'must be the name or number of an interface, not its address', given);
  }
  throw systemError(index, 'if_nametoindex', { address: given });
}
