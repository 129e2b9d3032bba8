import type { LookupFunction } from 'node:net';
import { invalidAddress } from '../../errors';
import { abortable } from '../abortable';
import { type Family, isIP } from '../ip';

interface LookupOptions {
  readonly family: Family;
  readonly lookup?: LookupFunction | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** `node:dns`, once it is needed: to load it takes 1 ms, and many programs look up no name. */
export function systemLookup(): LookupFunction {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import that can wait
  return (require('node:dns') as typeof import('node:dns')).lookup;
}

/**
 * The addresses of a name, at least one and each once: families take turns, beginning with that of the
 * first (RFC 8305, section 4), and keep the order of the resolver otherwise.
 * @throws `ENOTFOUND` and others, with `hostname`; `ERR_INVALID_IP_ADDRESS` for what a look-up function
 * of the user has answered
 */
export async function addressesOf(host: string, o: LookupOptions): Promise<string[]> {
  const { family, lookup = systemLookup(), signal } = o;
  const found = await abortable<string[]>(signal, (resolve, reject) => {
    lookup(host, { all: true, family }, (error, answer: unknown) => {
      if (error) reject(error);
      else resolve(textOf(answer));
    });
    return () => undefined;
  });
  const usable = found.filter((address) =>
    family === 0 ? isIP(address) !== 0 : isIP(address) === family,
  );
  if (usable.length === 0) throw invalidAddress(found[0], family);
  return interleave([...new Set(usable)]);
}

/** A list is what `all` asks for; functions written for one address answer with that. */
function textOf(answer: unknown): string[] {
  return Array.isArray(answer)
    ? answer.map((one: { address?: unknown } | null) => String(one?.address))
    : [String(answer)];
}

/** One of the first one's family, one of the other, and so on. */
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
