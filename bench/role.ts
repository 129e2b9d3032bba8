/** What a peer is in a comparison. */
export type Role = 'ours' | 'limit' | 'other';

/** The limits are those written in C. */
export function roleOf(peer: string): Role {
  if (peer.startsWith('iomux')) return 'ours';
  return /^C\b|\bin C$/.test(peer) ? 'limit' : 'other';
}

/** Whether that is what another runtime has. */
export function isOtherRuntime(peer: string): boolean {
  return /^(Bun|Deno)\b/.test(peer);
}
