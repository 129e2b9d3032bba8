import { invalidValue } from '../errors';
import { TIMEOUT } from '../validate';

/**
 * Refuses options that would be ignored: `beside` has, for every option that says what it is about, the
 * options that mean something together with it.
 * @throws `ERR_INVALID_ARG_VALUE`
 */
export function refuseOthers<Kind extends string>(
  o: object,
  kind: Kind,
  beside: Readonly<Record<Kind, readonly string[]>>,
): void {
  const known = new Set([
    ...Object.keys(beside),
    ...Object.values<readonly string[]>(beside).flat(),
  ]);
  const allowed: readonly string[] = [kind, ...beside[kind]];
  for (const [name, value] of Object.entries(o)) {
    if (value !== undefined && known.has(name) && !allowed.includes(name)) {
      throw invalidValue(`options.${name}`, `must not be given together with ${kind}`, value);
    }
  }
}

// What other libraries call an option, or where they have it: ignored, it would have a socket listen
// everywhere, or somebody wait for ever. See `refuseForeign`.

const NAMES = { hostname: 'is called host here', address: 'is called host here' };
const SIGNAL = { signal: 'belongs in the second argument' };
const HALF_OPEN = {
  allowHalfOpen: 'is no option here: a stream can always write until it is shut down',
};
const KEEP_ALIVE = { keepAlive: 'belongs in socketOptions' };

export const FOREIGN_TO_CONNECT = { ...NAMES, ...SIGNAL, ...TIMEOUT, ...HALF_OPEN, ...KEEP_ALIVE };
export const FOREIGN_TO_LISTEN = {
  ...NAMES,
  ...HALF_OPEN,
  ...KEEP_ALIVE,
  signal: 'is no option here',
  timeout: 'is no option here',
  exclusive: 'is no option here: no two processes share a port unless reusePort says so',
  pauseOnConnect: 'is no option here: nothing is received before somebody reads',
  maxConnections: 'belongs to serve',
  readableAll: 'is called mode here',
  writableAll: 'is called mode here',
};
export const FOREIGN_TO_DATAGRAM = {
  ...NAMES,
  ...SIGNAL,
  ...TIMEOUT,
  type: 'is called family here',
  reuseAddr: 'is called reuseAddress here',
  recvBufferSize: "is setOption('receiveBuffer', bytes) here",
  sendBufferSize: "is setOption('sendBuffer', bytes) here",
};
