/** What a peer stands for in a comparison: iomux, the physical limit, or an alternative. */
export type Role = 'ours' | 'limit' | 'other';

/** The limits are those written in C. */
export function roleOf(peer: string): Role {
  if (peer.startsWith('iomux')) return 'ours';
  return /^C\b|\bin C$/.test(peer) ? 'limit' : 'other';
}

/** Whether the peer runs on another runtime than Node. */
export function isOtherRuntime(peer: string): boolean {
  return /^(Bun|Deno)\b/.test(peer);
}
