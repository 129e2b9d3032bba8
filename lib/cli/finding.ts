import { constants, release } from 'node:os';
import { systemError, type SystemError } from '../errors';
import { Opened } from './opened';

/**
 * `missing`: the system has no such thing; `refused`: we may not; `failed`: anything else; `low`: a limit
 * that is lower than a busy program wants.
 */
export type State = 'ok' | 'missing' | 'refused' | 'failed' | 'low';

/** What was found out about one thing. */
export interface Finding {
  readonly name: string;
  readonly state: State;
  /** Of a limit; of anything else the code of its error. */
  readonly value: number | string | null;
  /** What to do about it, where it is not `ok`. */
  readonly advice: string | null;
}

/** Something that is tried out. */
export interface Probe {
  readonly name: string;
  /** What it is without it: a sentence without its beginning and end. */
  readonly without: string;
  /** The release of Linux that brought it. */
  readonly since?: string;
  /** What it takes where it is refused; leave of the sandbox by default. */
  readonly needs?: string;
  /** Answers with a negated errno where it does not work, or throws it. */
  readonly run: (opened: Opened) => number | Promise<number>;
}

const { ENOSYS, EPERM, EACCES, EINVAL, ENOPROTOOPT, EOPNOTSUPP, ENOTTY, ENODATA } = constants.errno;
const REFUSED = [EPERM, EACCES];
/** How kernels answer what they have never heard of: a call, a flag, an option, an ioctl. */
const MISSING = [ENOSYS, EINVAL, ENOPROTOOPT, EOPNOTSUPP, ENOTTY, ENODATA];

/** Runs the probe, and says what has come of it. */
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
    return { state: 'refused', advice: `It takes ${what}; until then, ${without}.` };
  }
  if (code === 'ERR_UNSUPPORTED_PLATFORM') {
    return { state: 'missing', advice: `${process.platform} has none: ${without}.` };
  }
  if (!MISSING.includes(errno)) return { state: 'failed', advice: `${message}; so ${without}.` };
  if (since === undefined) return { state: 'missing', advice: `This kernel has none: ${without}.` };
  const reason = isAtLeast(release(), since)
    ? `It came with Linux ${since}, and this is ${release()}: a sandbox denies it, or it was not built`
    : `It came with Linux ${since}`;
  return { state: 'missing', advice: `${reason}; until then, ${without}.` };
}

function isAtLeast(kernel: string, since: string): boolean {
  const [[major, minor], [leastMajor, leastMinor]] = [kernel, since].map((version) =>
    version.split('.').map((part) => Number.parseInt(part, 10)),
  );
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
