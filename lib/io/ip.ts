import { native } from '../native';

export type Family = 0 | 4 | 6;

const scratch = Buffer.alloc(128);

/**
 * Like `isIP` of `node:net`, which takes 2 ms to load: 4, 6, or 0 for what is no address. One of IPv6
 * may have a zone.
 */
export function isIP(host: unknown): Family {
  if (typeof host !== 'string') return 0;
  if (!host.includes(':')) return native.parseHost(host, 0, scratch) < 0 ? 0 : 4;
  const [address = '', zone] = host.split('%', 2);
  return zone === '' || native.parseHost(address, 0, scratch) < 0 ? 0 : 6;
}
