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
  allowHalfOpen: 'is not supported: a stream can always write until it is shut down',
};
const KEEP_ALIVE = { keepAlive: 'belongs in socketOptions' };
const EXCLUSIVE = {
  exclusive: 'is not supported: processes share a port only with reusePort',
};

export const FOREIGN_TO_CONNECT = {
  ...NAMES,
  ...SIGNAL,
  ...TIMEOUT,
  ...HALF_OPEN,
  ...KEEP_ALIVE,
  autoSelectFamily: 'is not supported: use family to choose the addresses that are tried',
  autoSelectFamilyAttemptTimeout: 'is called attemptDelay here',
  blockList: 'is not supported: pass a lookup that returns only allowed addresses',
  hints: 'is not supported: pass a lookup that uses them',
  onread: 'is not supported: read receives into your own buffer',
};
export const FOREIGN_TO_LISTEN = {
  ...NAMES,
  ...HALF_OPEN,
  ...KEEP_ALIVE,
  ...EXCLUSIVE,
  ...SIGNAL,
  timeout: 'is not supported',
  family: 'is not supported: pass an address of that family as host',
  lookup: 'is not supported: pass an address as host',
  blockList: 'is not supported: check the remoteAddress of accepted streams',
  pauseOnConnect: 'is not supported: nothing is received until you read',
  maxConnections: 'belongs to serve',
  readableAll: 'is called mode here',
  writableAll: 'is called mode here',
};
export const FOREIGN_TO_SETTINGS = {
  TTL: 'is called ttl here',
  multicastTTL: 'is called multicastTtl here',
  multicastLoopback: 'is called multicastLoop here',
};
/** `send` takes its options after the address, which a connected socket needs none of. */
export const FOREIGN_TO_ADDRESS = {
  host: 'is called address here',
  hostname: 'is called address here',
  signal: 'belongs in the argument after it',
  ttl: 'belongs in the argument after it',
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
  fd: 'is not supported: Socket.fromFd takes over an open socket',
  mode: 'is not supported: the umask decides the mode of the file',
  socketOptions: 'is not supported: use setOption',
  receiveBlockList: 'is not supported: check the address of each received datagram',
  sendBlockList: 'is not supported: check the address before you send',
  type: 'is called family here',
  reuseAddr: 'is called reuseAddress here',
  recvBufferSize: "is setOption('receiveBuffer', bytes) here",
  sendBufferSize: "is setOption('sendBuffer', bytes) here",
};
