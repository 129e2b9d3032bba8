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

/** Those that node:os does not name. */
const others = [...getSystemErrorMap()].flatMap(([errno, [name]]) =>
  ['EHOSTDOWN', 'ENONET'].includes(name) ? errno : [],
);

/** What the way to a peer can be told to have, by ICMP and otherwise (tcp(7), accept(2)). */
const NETWORK = [
  ETIMEDOUT,
  EHOSTUNREACH,
  ENETUNREACH,
  ...[EPROTO, ENETDOWN, ENOPROTOOPT].map((errno) => -errno),
  ...others,
];

/** What ends a connection in both directions. The kernel says it once, and then that it has ended. */
export const ENDINGS: ReadonlySet<number> = new Set([
  ...NETWORK,
  ECONNRESET,
  ECONNABORTED,
  ECONNREFUSED,
]);

/**
 * What accept(2) says of one connection, which has gone with it: Linux hands on more than others, and a
 * firewall's EPERM.
 */
export const LOST_CONNECTIONS: ReadonlySet<number> = new Set([...NETWORK, ECONNABORTED, EPERM]);
