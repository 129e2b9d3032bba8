import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import {
  ECONNABORTED,
  ECONNREFUSED,
  ECONNRESET,
  EHOSTUNREACH,
  ENETUNREACH,
  EPERM,
  ETIMEDOUT,
} from '../errors';

const { EPROTO, ENETDOWN, ENOPROTOOPT } = constants.errno;

/** Errors that node:os does not list. */
const others = [...getSystemErrorMap()].flatMap(([errno, [name]]) =>
  ['EHOSTDOWN', 'ENONET'].includes(name) ? errno : [],
);

/** Errors on the path to a peer, reported by ICMP and otherwise (tcp(7), accept(2)). */
const NETWORK = [
  ETIMEDOUT,
  EHOSTUNREACH,
  ENETUNREACH,
  ...[EPROTO, ENETDOWN, ENOPROTOOPT].map((errno) => -errno),
  ...others,
];

/** Errors that end a connection in both directions. The kernel reports them once, and then the end. */
export const ENDINGS: ReadonlySet<number> = new Set([
  ...NETWORK,
  ECONNRESET,
  ECONNABORTED,
  ECONNREFUSED,
]);

/**
 * Errors of accept(2) that concern only the connection it removed from the backlog. Linux reports network
 * errors there, and EPERM for a connection that a firewall rejects.
 */
export const LOST_CONNECTIONS: ReadonlySet<number> = new Set([...NETWORK, ECONNABORTED, EPERM]);
