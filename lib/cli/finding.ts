import { constants, release } from 'node:os';
import { systemError, type SystemError } from '../errors';
import { Opened } from './opened';

/**
 * `missing`: the system does not have it; `refused`: it is not permitted; `failed`: any other error; `low`: a
 * limit that is too low for a busy program.
 */
export type State = 'ok' | 'missing' | 'refused' | 'failed' | 'low';

/** The result of one probe. */
export interface Finding {
  readonly name: string;
  readonly state: State;
  /** The value of a limit; for anything else the code of its error. */
  readonly value: number | string | null;
  /** What to do about it, unless it is `ok`. */
  readonly advice: string | null;
}

/** Something to try out. */
export interface Probe {
  readonly name: string;
  /** The consequence if it is missing: a sentence without initial capital and full stop. */
  readonly without: string;
  /** The release of Linux that introduced it. */
  readonly since?: string | undefined;
  /** What it takes if it is refused; by default a sandbox that allows it. */
  readonly needs?: string | undefined;
  /** Returns a negated errno if it does not work, or throws an error. */
  readonly run: (opened: Opened) => number | Promise<number>;
}

const { ENOSYS, EPERM, EACCES, EINVAL, ENOPROTOOPT, EOPNOTSUPP, ENOTTY, ENODATA } = constants.errno;
const REFUSED = [EPERM, EACCES];
/** The errors of kernels for an unknown call, flag, option or ioctl. */
const MISSING = [ENOSYS, EINVAL, ENOPROTOOPT, EOPNOTSUPP, ENOTTY, ENODATA];

/** Runs the probe. */
export async function tried(probe: Probe): Promise<Finding> {
  const { name } = probe;
  const error = await failure(probe);
  if (error === undefined) return { name, state: 'ok', value: null, advice: null };
  const { code, errno = 0 } = error;
  return {
    name,
    value: typeof code === 'string' ? code : (error.name ?? null),
    ...judged(probe, -errno, error),
  };
}

async function failure({ name, run }: Probe): Promise<Partial<SystemError> | undefined> {
  using opened = new Opened();
  try {
    const result = await run(opened);
    return result < 0 ? systemError(result, name) : undefined;
  } catch (error) {
    return error as Partial<SystemError>;
  }
}

function judged(
  { without, since, needs }: Probe,
  errno: number,
  { code, message }: Partial<SystemError>,
): Pick<Finding, 'state' | 'advice'> {
  if (REFUSED.includes(errno)) {
    const what = needs ?? 'a sandbox that allows it (the seccomp profile of a container)';
    return { state: 'refused', advice: `It requires ${what}; until then, ${without}.` };
  }
  if (code === 'ERR_UNSUPPORTED_PLATFORM') {
    return { state: 'missing', advice: `Not available on ${process.platform}: ${without}.` };
  }
  if (!MISSING.includes(errno)) return { state: 'failed', advice: `${message}; so ${without}.` };
  if (since === undefined)
    return { state: 'missing', advice: `This kernel does not have it: ${without}.` };
  const reason = isAtLeast(release(), since)
    ? `It was added in Linux ${since}, and this is ${release()}: a sandbox denies it, or it was not built`
    : `It was added in Linux ${since}`;
  return { state: 'missing', advice: `${reason}; until then, ${without}.` };
}

function isAtLeast(kernel: string, since: string): boolean {
  const [[major, minor], [leastMajor, leastMinor]] = [kernel, since].map((version) =>
    version.split('.').map((part) => Number.parseInt(part, 10)),
  );
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
