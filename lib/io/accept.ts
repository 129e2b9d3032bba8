import { native } from '../native';
import { LOST_CONNECTIONS } from './network-errors';

/** So many that were lost one after the other are no accident: a firewall, say, forbids them all. */
const MOST_LOST = 64;

/**
 * The descriptor of the next connection, or a negated errno. A connection that was gone before it was
 * accepted is passed over: there may be another.
 */
export function acceptNext(fd: number): number {
  for (let lost = 1; ; lost++) {
    const result = native.accept(fd);
    if (lost === MOST_LOST || !LOST_CONNECTIONS.has(result)) return result;
  }
}
