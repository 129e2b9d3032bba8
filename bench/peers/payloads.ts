/** Datagrams that a sender sends in one iteration of its loop. */
const TURN = 64;

/**
 * The payloads of one iteration. `sizes` is the size of all, or LEAST-MOST for sizes that grow by a byte
 * each.
 */
export function payloadsOf(sizes: string): Buffer[] {
  const [least = NaN, most = least] = sizes.split('-').map(Number);
  const variety = most - least + 1;
  return Array.from({ length: TURN }, (_, index) => Buffer.alloc(least + (index % variety), 'x'));
}

/** How many bytes they are together. */
export function bytesOf(payloads: readonly Buffer[]): number {
  return payloads.reduce((sum, { length }) => sum + length, 0);
}
