import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Finding } from './finding';

interface Limit {
  /** The name in sysctl(8). */
  readonly name: string;
  /** A lower value is `low`: the system's default, or what iomux asks for. */
  readonly least: number;
  /** What happens if it is too low. */
  readonly effect: string;
}

const LINUX: readonly Limit[] = [
  {
    name: 'fs.epoll.max_user_watches',
    least: 65_536,
    effect: 'adding a descriptor of this user to an epoll instance fails with ENOSPC',
  },
  { name: 'net.core.somaxconn', least: 511, effect: 'the backlog of a listener is cut to it' },
  { name: 'net.core.rmem_max', least: 212_992, effect: 'receiveBuffer is cut to it' },
  { name: 'net.core.wmem_max', least: 212_992, effect: 'sendBuffer is cut to it' },
  {
    name: 'fs.inotify.max_user_watches',
    least: 8192,
    effect: 'a FileWatch of this user fails with ENOSPC',
  },
  {
    name: 'fs.inotify.max_user_instances',
    least: 128,
    effect: 'a FileWatch in another thread of this user fails with EMFILE',
  },
];

const BSD: readonly Limit[] = [
  { name: 'kern.ipc.somaxconn', least: 128, effect: 'the backlog of a listener is cut to it' },
  {
    name: 'kern.ipc.maxsockbuf',
    least: 212_992,
    effect: 'setting the buffers of a socket fails with ENOBUFS',
  },
  { name: 'kern.maxfilesperproc', least: 4096, effect: 'opening a descriptor fails with EMFILE' },
];

/** Every client of a server takes a descriptor. */
const LEAST_FILES = 4096;

const UNKNOWN_FILES: Finding = {
  name: 'RLIMIT_NOFILE',
  state: 'missing',
  value: null,
  advice: 'Neither /proc nor the runtime reports the limit of descriptors: see `ulimit -n`.',
};

/** The limits of the system, and whether they are too low. */
export function limits(): Finding[] {
  const listed = process.platform === 'linux' ? LINUX : BSD;
  return [...openFiles(), ...listed.flatMap(ofSystem)];
}

/** Node raises the soft limit to the hard one when it starts. */
function openFiles(): Finding[] {
  const advice =
    'Every connection takes a descriptor, and beyond the limit fails with EMFILE: raise it by `ulimit -n 65536`, ' +
    'LimitNOFILE= of a service, or --ulimit nofile= of a container.';
  const files = filesOfProc() ?? filesOfReport();
  if (files === undefined) return [UNKNOWN_FILES];
  const [soft, hard] = files;
  return [
    judged('RLIMIT_NOFILE, soft', soft, LEAST_FILES, advice),
    judged('RLIMIT_NOFILE, hard', hard, LEAST_FILES, advice),
  ].flat();
}

function ofSystem({ name, least, effect }: Limit): Finding[] {
  const value = process.platform === 'linux' ? ofProc(name) : ofSysctl(name);
  return judged(
    name,
    value,
    least,
    `Beyond it, ${effect}. Raise it: \`sysctl -w ${name}=${least}\` or more.`,
  );
}

/** Empty for a limit that this system or container does not show. */
function judged(name: string, text: string | undefined, least: number, advice: string): Finding[] {
  if (text === undefined) return [];
  const value = text === 'unlimited' ? text : Number(text);
  const low = typeof value === 'number' && value < least;
  return [{ name, state: low ? 'low' : 'ok', value, advice: low ? advice : null }];
}

function filesOfProc(): string[] | undefined {
  const line = /^Max open files +(\S+) +(\S+)/m.exec(contents('/proc/self/limits') ?? '');
  return line?.slice(1);
}

/** Not every runtime has reports. */
function filesOfReport(): string[] | undefined {
  const runtime = process.report as typeof process.report | undefined;
  const report = runtime?.getReport() as
    { userLimits?: { open_files?: { soft: number | string; hard: number | string } } } | undefined;
  const files = report?.userLimits?.open_files;
  return files === undefined ? undefined : [String(files.soft), String(files.hard)];
}

function ofProc(name: string): string | undefined {
  return contents(`/proc/sys/${name.replaceAll('.', '/')}`)?.trim();
}

function contents(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function ofSysctl(name: string): string | undefined {
  try {
    const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'ignore'];
    return execFileSync('sysctl', ['-n', name], { encoding: 'utf8', stdio }).trim();
  } catch {
    return undefined;
  }
}
