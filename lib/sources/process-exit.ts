import { openProcess } from '../raw/process';
import { reactor } from '../reactor/default';
import { type Abortable, integer, liveSignal } from '../validate';
import { signalName } from './signal-names';

/** How a process has ended, as the `exit` event of child_process has it. */
export interface ProcessExit {
  /** `null` if a signal has ended it, or where the system does not tell. */
  readonly code: number | null;
  /** The name of the signal that has ended it, or `null`. */
  readonly signal: string | null;
}

const MOST_PID = 2 ** 31 - 1;

/**
 * Resolves when the process has exited, at once if it has and was not reaped. It may be any process,
 * and is never reaped by this: child_process tells of its children as ever. Once the call has begun,
 * it is that process which is waited for, whoever has its number later.
 *
 * How it has ended is told of children. Of other processes, and of a child that was reaped first, the
 * system may not tell: then both are `null`.
 * @throws `ESRCH` for a process that is not there, or was reaped; `ERR_UNSUPPORTED_PLATFORM` on Linux
 * before 5.3; `EMFILE`, `ENFILE`; the signal's reason, which has no effect on the process
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
      const told = process.status();
      if (told !== undefined) return told === null ? { code: null, signal: null } : decode(told);
      await reactor.readable(owned.fd, { signal });
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
