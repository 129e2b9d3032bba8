import { readFileSync, writeFileSync } from 'node:fs';

import { nativeProgram } from './programs';

/** Shows the network namespace of the thread that reads it, so it must be read on this thread. */
const CONGESTION_CONTROL = '/proc/sys/net/ipv4/tcp_congestion_control';
/** Delays segments, even over loopback: the benchmark would measure its pacing. */
const PACES = 'bbr';
/** Built into every kernel; sends whatever the window allows. */
const DOES_NOT_PACE = 'reno';

interface Addon {
  readonly enter: () => boolean;
}

/** The TCP congestion control in the network namespace of this thread. */
export function congestionControl(): string {
  return readFileSync(CONGESTION_CONTROL, 'utf8').trim();
}

/**
 * If the machine paces TCP and the user is root, moves this thread, and what it starts from now on, to a
 * network namespace without pacing. The benchmarks need nothing but loopback.
 */
export function leavePacedNetwork(): void {
  if (congestionControl() !== PACES) return;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an addon
  const { enter } = require(nativeProgram('own_network.node')) as Addon;
  if (!enter()) return;
  try {
    writeFileSync(CONGESTION_CONTROL, DOES_NOT_PACE);
  } catch {
    // In a container it may be read-only. Then the pacing stays, and the first line of the output says so.
  }
}
