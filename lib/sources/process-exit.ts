import { openProcess } from '../raw/process';
import { reactor } from '../reactor/default';
import { type Abortable, integer, liveSignal } from '../validate';
import { signalName } from './signal-names';

/** How a process has ended, as in the `exit` event of child_process. */
export interface ProcessExit {
  /** The exit code; `null` if a signal ended the process, or if the system does not report it. */
  readonly code: number | null;
  /** The name of the signal that ended it, or `null`. */
  readonly signal: string | null;
}

const MOST_PID = 2 ** 31 - 1;

/**
 * Resolves when the process has exited, immediately if it has and was not reaped. It may be any process,
 * and this never reaps it: child_process reports its children as usual. Once the call has started, it
 * refers to that process, even if the pid is reused.
 *
 * For a child, the result says how it ended. For other processes, and for a child that was reaped first,
 * the system may not report it: then both properties are `null`.
 * @throws `ESRCH` for a process that does not exist or was reaped; `ERR_UNSUPPORTED_PLATFORM` on Linux
 * before 5.3; `EMFILE`, `ENFILE`; the signal's reason. Aborting has no effect on the process.
 *
 * @example
 * ```js
 * import fs from 'node:fs';
 * import { processExit } from 'iomux';
 * const pid = Number(fs.readFileSync('/run/daemon.pid', 'utf8'));
 * process.kill(pid, 'SIGTERM');
 * const { code, signal } = await processExit(pid, { signal: AbortSignal.timeout(5000) });
 * ```
 */
export async function processExit(pid: number, o?: Abortable): Promise<ProcessExit> {
  const signal = liveSignal(o);
  integer('pid', pid, 1, MOST_PID);
  const process = openProcess(pid);
  const { owned } = process;
  try {
    for (;;) {
      const status = process.status();
      if (status !== undefined)
        return status === null ? { code: null, signal: null } : decode(status);
      await reactor.readableFor(owned.descriptor, owned.fd, { signal });
      signal?.throwIfAborted();
    }
  } finally {
    owned.close();
  }
}

/** A wait status, which has the same form on all systems. */
function decode(status: number): ProcessExit {
  const number = status & 0x7f;
  return number === 0
    ? { code: (status >> 8) & 0xff, signal: null }
    : { code: null, signal: signalName(number) };
}
