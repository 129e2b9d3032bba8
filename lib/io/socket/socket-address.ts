import { endianness } from 'node:os';
import { type Details, invalidType, systemError, unsupportedError } from '../../errors';
import { native } from '../../native';
import { AF_CAN, AF_NETLINK, AF_PACKET, AF_VSOCK } from '../../raw/socket-constants';
import { integer, string } from '../../validate';
import { type Address, decodeAddress, encodeAddress } from '../address';

/** The address of a netlink(7) socket. */
export interface NetlinkAddress {
  /** Says which kind of address it is. */
  readonly family: 'netlink';
  /** 0: the kernel, or, in `bind`, whatever is free. */
  readonly port: number;
  /** A mask of multicast groups. */
  readonly groups: number;
}

/** The address of a SocketCAN socket. */
export interface CanAddress {
  /** Says which kind of address it is. */
  readonly family: 'can';
  /** `'can0'`; `''` for all of them. */
  readonly interface: string;
  /** Of ISO-TP: the identifiers of what is received and sent. */
  readonly receiveId?: number | undefined;
  /** What an ISO-TP socket sends under. */
  readonly transmitId?: number | undefined;
}

/** The address of a packet(7) socket. */
export interface PacketAddress {
  /** Says which kind of address it is. */
  readonly family: 'packet';
  /** `'eth0'`; `''` for all of them. */
  readonly interface: string;
  /** An `ETH_P_` number; 0 for what `socket` was made with. */
  readonly protocol: number;
  /** Of the other side, 6 bytes on Ethernet. */
  readonly hardwareAddress?: Uint8Array | undefined;
  /** PACKET_HOST (0), PACKET_BROADCAST (1), ...: of what was received. */
  readonly packetType?: number | undefined;
}

/** The address of a vsock(7) socket, between a virtual machine and its host. */
export interface VsockAddress {
  /** Says which kind of address it is. */
  readonly family: 'vsock';
  /** Of the machine: `VMADDR_CID_HOST`, `VMADDR_CID_LOCAL`, ... */
  readonly cid: number;
  /** Any 32-bit number; VMADDR_PORT_ANY has the kernel choose. */
  readonly port: number;
}

/** An address of any family that has a shape here; `RawAddress` for the rest. */
export type SocketAddress = Address | NetlinkAddress | CanAddress | PacketAddress | VsockAddress;

const UNSIGNED = 2 ** 32 - 1;
const MOST_HARDWARE_ADDRESS = 8;
const little = endianness() === 'LE';

/** How the addresses of a family are encoded. Offsets include the two bytes of the family. */
interface Family<A> {
  readonly number: number | undefined;
  readonly length: number;
  readonly encode: (name: string, given: A, into: DataView) => void;
  readonly decode: (from: DataView) => A;
}

const netlink: Family<NetlinkAddress> = {
  number: AF_NETLINK,
  length: 12,
  encode: (name, { port, groups }, into) => {
    into.setUint32(4, integer(`${name}.port`, port, 0, UNSIGNED), little);
    into.setUint32(8, integer(`${name}.groups`, groups, 0, UNSIGNED), little);
  },
  decode: (from) => ({
    family: 'netlink',
    port: from.getUint32(4, little),
    groups: from.getUint32(8, little),
  }),
};

const can: Family<CanAddress> = {
  number: AF_CAN,
  length: 16,
  encode: (name, { interface: text, receiveId = 0, transmitId = 0 }, into) => {
    into.setUint32(8, integer(`${name}.receiveId`, receiveId, 0, UNSIGNED), little);
    into.setUint32(12, integer(`${name}.transmitId`, transmitId, 0, UNSIGNED), little);
    into.setInt32(4, interfaceOf(`${name}.interface`, text), little);
  },
  decode: (from) => ({
    family: 'can',
    interface: native.interfaceName(from.getInt32(4, little)),
    receiveId: from.getUint32(8, little),
    transmitId: from.getUint32(12, little),
  }),
};

const packet: Family<PacketAddress> = {
  number: AF_PACKET,
  length: 20,
  encode: (name, { interface: text, protocol, hardwareAddress, packetType = 0 }, into) => {
    into.setUint16(2, integer(`${name}.protocol`, protocol, 0, 0xffff)); // in network byte order
    into.setUint8(10, integer(`${name}.packetType`, packetType, 0, 255));
    if (hardwareAddress !== undefined) {
      const whose = `${name}.hardwareAddress`;
      if (!(hardwareAddress instanceof Uint8Array)) {
        throw invalidType(whose, 'an instance of Uint8Array', hardwareAddress);
      }
      integer(`${whose}.length`, hardwareAddress.length, 0, MOST_HARDWARE_ADDRESS);
      into.setUint8(11, hardwareAddress.length);
      hardwareAddress.forEach((byte, i) => into.setUint8(12 + i, byte));
    }
    into.setInt32(4, interfaceOf(`${name}.interface`, text), little);
  },
  decode: (from) => {
    const length = Math.min(from.getUint8(11), MOST_HARDWARE_ADDRESS);
    return {
      family: 'packet',
      interface: native.interfaceName(from.getInt32(4, little)),
      protocol: from.getUint16(2),
      hardwareAddress: Buffer.from(Uint8Array.from({ length }, (_, i) => from.getUint8(12 + i))),
      packetType: from.getUint8(10),
    };
  },
};

const vsock: Family<VsockAddress> = {
  number: AF_VSOCK,
  // Darwin's structure ends after these two fields.
  length: native.HAS_LENGTH ? 12 : 16,
  encode: (name, { cid, port }, into) => {
    into.setUint32(4, integer(`${name}.port`, port, 0, UNSIGNED), little);
    into.setUint32(8, integer(`${name}.cid`, cid, 0, UNSIGNED), little);
  },
  decode: (from) => ({
    family: 'vsock',
    cid: from.getUint32(8, little),
    port: from.getUint32(4, little),
  }),
};

const FAMILIES = { netlink, can, packet, vsock };

/**
 * Encodes an address as the system's structure.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`;
 * `ERR_UNSUPPORTED_PLATFORM` for a family that this system lacks; `ENODEV` for an unknown
 * interface
 */
export function encodeSocketAddress(name: string, given: SocketAddress): Uint8Array {
  const key: unknown = (given as { family?: unknown } | null | undefined)?.family;
  if (typeof key !== 'string' || !Object.hasOwn(FAMILIES, key)) {
    return encodeAddress(name, given as Address);
  }
  const family = FAMILIES[key as keyof typeof FAMILIES] as Family<SocketAddress>;
  if (family.number === undefined) throw unsupportedError(`The address family "${key}"`);
  const bytes = new Uint8Array(family.length);
  bytes[native.FAMILY_OFFSET] = family.number;
  if (native.HAS_LENGTH) bytes[0] = bytes.length;
  family.encode(name, given, new DataView(bytes.buffer));
  return bytes;
}

/** `null` for an empty structure. */
export function decodeSocketAddress(bytes: Uint8Array): SocketAddress | null {
  const number = bytes[native.FAMILY_OFFSET];
  const family = Object.values(FAMILIES).find((one) => one.number === number);
  if (family === undefined || bytes.length < 2) return decodeAddress(bytes);
  // Older kernels have shorter structures: missing fields are 0.
  const whole = new Uint8Array(family.length);
  whole.set(bytes.subarray(0, whole.length));
  return family.decode(new DataView(whole.buffer));
}

/** The properties of an error that name an address. */
export function describe(address: SocketAddress): Details {
  // A property may be present and undefined.
  if ('path' in address && address.path !== undefined) return { address: address.path };
  if ('address' in address && address.address !== undefined) {
    return { address: address.address, port: address.port };
  }
  if ('cid' in address) return { address: String(address.cid), port: address.port };
  return 'interface' in address ? { address: address.interface } : {};
}

function interfaceOf(name: string, text: unknown): number {
  const device = string(name, text);
  if (device === '') return 0;
  const index = native.interfaceIndex(device);
  if (index < 0) throw systemError(index, 'if_nametoindex', { address: device });
  return index;
}
