import { check, invalidValue } from '../../errors';
import { native } from '../../native';
import { boolean, integer, object, refuseForeign, string } from '../../validate';
import { encodeInternet } from '../address';
import { FOREIGN_TO_MEMBERSHIP, FOREIGN_TO_SETTINGS } from '../refused-options';
import { zoneOf } from './datagram-records';
import { setNumber } from '../options';
import { interfaceOf } from './outbox';

/**
 * Settings of a datagram socket, which a single datagram may override. On an IPv6 socket they also apply
 * to what is sent over IPv4, except on macOS.
 */
export interface DatagramSettings {
  /** Datagrams may go to a broadcast address; off by default. */
  readonly broadcast?: boolean | undefined;
  /** Time to live, or hop limit: 1 to 255; 64 on most systems. */
  readonly ttl?: number | undefined;
  /** Type of service, or traffic class: 0 to 255; the two lowest bits are ECN. */
  readonly tos?: number | undefined;
  /** How many hops multicast travels: 0 to 255; by default 1, which stays in the local network. */
  readonly multicastTtl?: number | undefined;
  /** Multicast is also delivered to groups joined on this machine; on by default. */
  readonly multicastLoop?: boolean | undefined;
  /** The interface for sending multicast, by name or number; by default (0) the system chooses. */
  readonly multicastInterface?: string | number | undefined;
}

/** How to join a group. The address may also name the interface, as a zone: `'ff02::fb%eth0'`. */
export interface Membership {
  /** Receive datagrams of this sender only (SSM). */
  readonly source?: string | undefined;
  /** The interface, by name or number; by default the system chooses. */
  readonly interface?: string | number | undefined;
}

export const SETTINGS = [
  'broadcast',
  'ttl',
  'tos',
  'multicastTtl',
  'multicastLoop',
  'multicastInterface',
] as const;

const NONE = new Uint8Array(0);

/**
 * Checks the settings. Returns a function that sets those that are given.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`, `ENODEV`
 */
export function preparedSettings(o: DatagramSettings): (fd: number, family: number) => void {
  object('options', o);
  refuseForeign(o, FOREIGN_TO_SETTINGS);
  const { broadcast, ttl, tos, multicastTtl, multicastLoop, multicastInterface } = o;
  const flag = (name: string, value: unknown): number | undefined =>
    value === undefined ? undefined : Number(boolean(`options.${name}`, value));
  const number = (name: string, value: unknown, least: number): number | undefined =>
    value === undefined ? undefined : integer(`options.${name}`, value, least, 255);
  const ip = [
    [native.IP_TTL, native.IPV6_UNICAST_HOPS, number('ttl', ttl, 1)],
    [native.IP_TOS, native.IPV6_TCLASS, number('tos', tos, 0)],
    [native.IP_MULTICAST_TTL, native.IPV6_MULTICAST_HOPS, number('multicastTtl', multicastTtl, 0)],
    [native.IP_MULTICAST_LOOP, native.IPV6_MULTICAST_LOOP, flag('multicastLoop', multicastLoop)],
  ] as const;
  const broadcasts = flag('broadcast', broadcast);
  const via =
    multicastInterface === undefined
      ? undefined
      : interfaceOf('options.multicastInterface', multicastInterface);
  return (fd, family) => {
    const ipv6 = family === native.AF_INET6;
    if (broadcasts !== undefined) setNumber(fd, native.SOL_SOCKET, native.SO_BROADCAST, broadcasts);
    // On an IPv6 socket, datagrams to IPv4 have settings of their own, which some systems do not support.
    const checkIPv4 = (result: number): void => {
      if (!ipv6) check(result, 'setsockopt', fd);
    };
    for (const [ipv4Name, ipv6Name, value] of ip) {
      if (value === undefined) continue;
      if (ipv6) setNumber(fd, native.IPPROTO_IPV6, ipv6Name, value);
      checkIPv4(native.setOption(fd, native.IPPROTO_IP, ipv4Name, value));
    }
    if (via === undefined) return;
    if (ipv6) check(native.setMulticastInterface(fd, family, via), 'setsockopt', fd);
    checkIPv4(native.setMulticastInterface(fd, native.AF_INET, via));
  };
}

/**
 * Checks the arguments of `join` or `leave`. Returns a function that joins or leaves.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`, `ENODEV`
 */
export function preparedMembership(
  join: boolean,
  group: unknown,
  o: Membership,
): (fd: number) => void {
  refuseForeign(o, FOREIGN_TO_MEMBERSHIP);
  const { source, interface: given = 0 } = o;
  const address = addressOf('group', group);
  const from = source === undefined ? NONE : addressOf('options.source', source);
  const zones = [address, from].map(zoneOf).filter((zone) => zone !== 0);
  const via = interfaceOf('options.interface', given) || (zones.at(0) ?? 0);
  if (zones.some((zone) => zone !== via)) {
    throw invalidValue('options.interface', 'must be the zone of the addresses', given);
  }
  return (fd) => {
    check(native.setMembership(fd, join, via, address, from), 'setsockopt', fd);
  };
}

function addressOf(name: string, given: unknown): Uint8Array {
  const address = encodeInternet(string(name, given), 0);
  if (address === undefined) throw invalidValue(name, 'must be an IPv4 or IPv6 address', given);
  return address;
}
