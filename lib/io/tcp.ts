import { check, invalidType, invalidValue } from '../errors';
import { native } from '../native';
import { integer, options } from '../validate';
import { encodeInternet } from './address';
import { isIP } from './ip';

const MOST_PORT = 65535;

/** What connecting and listening over TCP have in common. */
interface TcpEnd {
  readonly host?: string;
  readonly noDelay?: boolean;
}

/** @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` */
export function portOf(value: unknown, least: number): number {
  return integer('options.port', value, least, MOST_PORT);
}

/** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` */
export function checkTcp<T extends TcpEnd>(o: T): Partial<T> {
  if (typeof o !== 'object' || (o as T | null) === null) {
    throw invalidType('options', 'of type object', o);
  }
  const { host, noDelay } = options(o);
  if (host !== undefined) checkHost(host);
  if (noDelay !== undefined && typeof noDelay !== 'boolean') {
    throw invalidType('options.noDelay', 'of type boolean', noDelay);
  }
  return o;
}

/** A TCP socket for this address, and the address as the system takes it. */
export function openTcp(host: string, port: number): { fd: number; address: Uint8Array } {
  const address = encodeInternet(host, port);
  if (address === undefined) throw invalidValue('options.host', 'has an unknown zone', host);
  const domain = isIP(host) === 6 ? native.AF_INET6 : native.AF_INET;
  return { fd: check(native.socket(domain, native.SOCK_STREAM, 0), 'socket'), address };
}

export function setNoDelay(fd: number): number {
  return native.setOption(fd, native.IPPROTO_TCP, native.TCP_NODELAY, 1);
}

/** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` */
export function checkHost(host: unknown): asserts host is string {
  if (typeof host !== 'string') throw invalidType('options.host', 'of type string', host);
  // Which looks up no address at all.
  if (host === '') throw invalidValue('options.host', 'must not be empty', host);
  // The resolver would look up what is before it.
  if (host.includes('\0')) throw invalidValue('options.host', 'must not contain NUL bytes', host);
}
