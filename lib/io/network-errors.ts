import { getSystemErrorMap } from 'node:util';
import { ECONNABORTED, ECONNREFUSED, ECONNRESET, EPERM } from '../errors';

/** Errors on the path to a peer, reported by ICMP and otherwise (tcp(7), accept(2)). */
const NAMES =
  'ETIMEDOUT EHOSTUNREACH ENETUNREACH EHOSTDOWN ENETDOWN ENONET EPROTO ENOPROTOOPT'.split(' ');
const NETWORK = [...getSystemErrorMap()].flatMap(([errno, [name]]) =>
  NAMES.includes(name) ? errno : [],
);

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
