import type { LookupFunction } from 'node:net';
import { connect, listen, type Listener } from '../../lib/net';
import { tracked } from '../support/opened';
import { listening } from './peers';

/** A look-up function for `connect` that resolves every name to these addresses. */
export function resolving(...addresses: string[]): LookupFunction {
  return (_, { family }, callback) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    const wanted = found.filter((one) => (family ?? 0) === 0 || one.family === family);
    setImmediate(callback, null, wanted);
  };
}

/** A port on which nobody listens. */
export async function freePort(): Promise<number> {
  const { listener, port } = await listening();
  listener.close();
  return port;
}

/**
 * Listens and answers nobody: a backlog of 0 has room for one connection, and that is taken.
 * Linux then drops connection requests until one is accepted.
 */
export async function silent(
  host: string,
  port = 0,
): Promise<{ listener: Listener; port: number }> {
  const listener = tracked(await listen({ host, port, backlog: 0 }));
  const chosen = listener.address.port;
  tracked(await connect({ host, port: chosen }));
  return { listener, port: chosen };
}
