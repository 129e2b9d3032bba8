import type { LookupFunction } from 'node:net';
import { invalidAddress } from '../../errors';
import { abortable } from '../abortable';
import { type Family, isIP } from '../ip';

interface LookupOptions {
  readonly family: Family;
  readonly lookup?: LookupFunction | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Loads `node:dns` on first use: that takes 1 ms, and many programs look up no names. */
export function systemLookup(): LookupFunction {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded lazily
  return (require('node:dns') as typeof import('node:dns')).lookup;
}

/**
 * Looks up a name. Returns at least one address, without duplicates: the families alternate, starting
 * with that of the first address (RFC 8305, section 4); otherwise the resolver's order is kept.
 * @throws `ENOTFOUND` and others, with `hostname`; `ERR_INVALID_IP_ADDRESS` if the user's look-up function
 * returns no usable address
 */
export async function addressesOf(host: string, o: LookupOptions): Promise<string[]> {
  const { family, lookup = systemLookup(), signal } = o;
  const found = await abortable<string[]>(signal, (resolve, reject) => {
    lookup(host, { all: true, family }, (error, answer: unknown) => {
      if (error) reject(error);
      else resolve(textOf(answer));
    });
  });
  const usable = found.filter((address) =>
    family === 0 ? isIP(address) !== 0 : isIP(address) === family,
  );
  if (usable.length === 0) throw invalidAddress(found[0], family);
  return interleave([...new Set(usable)]);
}

/** `all` asks for a list, but look-up functions that ignore it answer with one address. */
function textOf(answer: unknown): string[] {
  return Array.isArray(answer)
    ? answer.map((one: { address?: unknown } | null) => String(one?.address))
    : [String(answer)];
}

/** Alternates between the families, starting with that of the first address. */
function interleave(addresses: readonly string[]): string[] {
  const first = isIP(addresses[0]);
  const preferred = addresses.filter((address) => isIP(address) === first);
  const others = addresses.filter((address) => isIP(address) !== first);
  const rounds = Math.max(preferred.length, others.length);
  return Array.from({ length: rounds }, (_, i) => [
    ...preferred.slice(i, i + 1),
    ...others.slice(i, i + 1),
  ]).flat();
}
