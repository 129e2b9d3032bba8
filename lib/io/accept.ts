import { native } from '../native';
import { LOST_CONNECTIONS } from './network-errors';

/** After this many failed connections in a row the error is reported: a firewall may reject all of them. */
const MOST_LOST = 64;

/**
 * Returns the descriptor of the next connection, or a negated errno. Skips connections that failed before
 * they were accepted.
 */
export function acceptNext(fd: number): number {
  for (let lost = 1; ; lost++) {
    const result = native.accept(fd);
    if (lost === MOST_LOST || !LOST_CONNECTIONS.has(result)) return result;
  }
}
