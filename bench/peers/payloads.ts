/** How many datagrams are sent in one turn. */
const TURN = 64;

/**
 * What a sender sends in one turn: `sizes` is the size of all, or the least and the greatest of
 * those that follow each other.
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
