import { native } from '../native';

export type Family = 0 | 4 | 6;

const scratch = Buffer.alloc(128);

/**
 * `isIP` of `node:net`, without the 2 ms that loading it takes: 4, 6, or 0 if it is not an address. An
 * IPv6 address may have a zone.
 */
export function isIP(host: unknown): Family {
  if (typeof host !== 'string') return 0;
  if (!host.includes(':')) return native.parseHost(host, 0, scratch) < 0 ? 0 : 4;
  const [address = '', zone] = host.split('%', 2);
  return zone === '' || native.parseHost(address, 0, scratch) < 0 ? 0 : 6;
}
