import { invalidValue } from '../errors';
import { TIMEOUT } from '../validate';

/**
 * Refuses options that would be ignored in this combination; `where` describes it.
 * @throws `ERR_INVALID_ARG_VALUE`
 */
export function refuse(o: object, names: readonly string[], where: string): void {
  for (const name of names) {
    const value = (o as Record<string, unknown>)[name];
    if (value === undefined) continue;
    throw invalidValue(`options.${name}`, `must not be given ${where}`, value);
  }
}

// Options under the names or in the places that other libraries use, with what to use instead. If they were
// ignored, a socket could listen on every address, or a call wait for ever. See `refuseForeign`.

const NAMES = { hostname: 'is called host here', address: 'is called host here' };
const SIGNAL = { signal: 'belongs in the second argument' };
const HALF_OPEN = {
  allowHalfOpen: 'is no option here: a stream can always write until it is shut down',
};
const KEEP_ALIVE = { keepAlive: 'belongs in socketOptions' };
const EXCLUSIVE = {
  exclusive: 'is no option here: no two processes share a port unless reusePort says so',
};

export const FOREIGN_TO_CONNECT = {
  ...NAMES,
  ...SIGNAL,
  ...TIMEOUT,
  ...HALF_OPEN,
  ...KEEP_ALIVE,
  autoSelectFamily: 'is no option here: family says which addresses are tried',
  autoSelectFamilyAttemptTimeout: 'is called attemptDelay here',
  blockList: 'is no option here: give a lookup that answers with what it allows',
  hints: 'is no option here: give a lookup that has them',
  onread: 'is no option here: read receives into memory of yours',
};
export const FOREIGN_TO_LISTEN = {
  ...NAMES,
  ...HALF_OPEN,
  ...KEEP_ALIVE,
  ...EXCLUSIVE,
  ...SIGNAL,
  timeout: 'is no option here',
  family: 'is no option here: host may be an address of it',
  lookup: 'is no option here: host may be an address',
  blockList: 'is no option here: ask it for the remoteAddress of what is accepted',
  pauseOnConnect: 'is no option here: nothing is received before somebody reads',
  maxConnections: 'belongs to serve',
  readableAll: 'is called mode here',
  writableAll: 'is called mode here',
};
export const FOREIGN_TO_SETTINGS = {
  TTL: 'is called ttl here',
  multicastTTL: 'is called multicastTtl here',
  multicastLoopback: 'is called multicastLoop here',
};
export const FOREIGN_TO_MEMBERSHIP = {
  interfaceAddress: 'is called interface here, and its name or number',
  multicastInterface: 'is called interface here',
  sourceAddress: 'is called source here',
};
export const FOREIGN_TO_DATAGRAM = {
  ...FOREIGN_TO_SETTINGS,
  ...NAMES,
  ...SIGNAL,
  ...TIMEOUT,
  ...EXCLUSIVE,
  fd: 'is no option here: Socket.fromFd takes over what is open already',
  mode: 'is no option here: a file has the rights that the umask leaves',
  socketOptions: 'is no option here: setOption sets them',
  receiveBlockList: 'is no option here: ask it for the address of what is received',
  sendBlockList: 'is no option here: ask it for the address before you send',
  type: 'is called family here',
  reuseAddr: 'is called reuseAddress here',
  recvBufferSize: "is setOption('receiveBuffer', bytes) here",
  sendBufferSize: "is setOption('sendBuffer', bytes) here",
};
