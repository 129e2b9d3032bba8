import { readFileSync, writeFileSync } from 'node:fs';

import { nativeProgram } from './programs';

/** Of this thread's network: only a call on this thread tells. */
const CONGESTION_CONTROL = '/proc/sys/net/ipv4/tcp_congestion_control';
/** Waits between segments, over loopback as well: what is measured would be its timetable. */
const PACES = 'bbr';
/** Every kernel has it, and it sends what the window allows. */
const DOES_NOT_PACE = 'reno';

interface Addon {
  readonly enter: () => boolean;
}

/** How TCP decides when to send, in the network of this thread. */
export function congestionControl(): string {
  return readFileSync(CONGESTION_CONTROL, 'utf8').trim();
}

/**
 * Where the machine paces TCP, everything that this thread starts from now on is in a network of its
 * own, that does not: if this user may have one, which takes root. What is measured needs loopback only.
 */
export function leavePacedNetwork(): void {
  if (congestionControl() !== PACES) return;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an addon
  const { enter } = require(nativeProgram('own_network.node')) as Addon;
  if (!enter()) return;
  try {
    writeFileSync(CONGESTION_CONTROL, DOES_NOT_PACE);
  } catch {
    // In a container it may be read-only: it stays as it was, which the first line says.
  }
}
