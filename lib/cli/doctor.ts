import { existsSync } from 'node:fs';
import { arch, platform, release } from 'node:os';
import type { Examination } from './examine';
import type { Finding } from './finding';
import { limits } from './limits';
import { version } from './version';

export interface Diagnosis extends Partial<Examination> {
  readonly iomux: string;
  readonly system: {
    readonly platform: string;
    readonly arch: string;
    readonly kernel: string;
    readonly libc: string | null;
  };
  readonly runtime: {
    readonly name: string;
    readonly version: string;
    readonly libuv: string | null;
  };
  readonly limits: readonly Finding[];
  /** Why the addon cannot be loaded, and what to do about it. */
  readonly error?: { readonly message: string; readonly advice: string } | undefined;
  /** Whether everything is there that iomux needs. */
  readonly works: boolean;
}

/** Examines the machine, even if the addon cannot be loaded. */
export async function diagnose(): Promise<Diagnosis> {
  const around = { iomux: version(), system: system(), runtime: runtime(), limits: limits() };
  try {
    const { examine } = await import('./examine.js');
    const examination = await examine();
    const works = examination.needed.every(({ state }) => state === 'ok');
    return { ...around, ...examination, works };
  } catch (error) {
    return { ...around, error: explained(error as NodeJS.ErrnoException), works: false };
  }
}

function explained({ message, code }: NodeJS.ErrnoException): Diagnosis['error'] {
  const advice =
    code === 'ERR_INVALID_ARG_VALUE'
      ? 'Unset it: the right one is chosen.'
      : 'Install it with its binaries, or build it by `npm rebuild iomux`, which takes a C++17 ' +
        'compiler, make and Python 3.';
  return { message: message.trim(), advice };
}

function system(): Diagnosis['system'] {
  return { platform: platform(), arch: arch(), kernel: release(), libc: libc() };
}

/** Only Linux has several C libraries. */
function libc(): string | null {
  if (process.platform !== 'linux') return null;
  const report = process.report as typeof process.report | undefined;
  const { header } = (report?.getReport() ?? {}) as { header?: { glibcVersionRuntime?: string } };
  if (header?.glibcVersionRuntime !== undefined) return `glibc ${header.glibcVersionRuntime}`;
  return existsSync('/etc/alpine-release') ? 'musl' : null;
}

function runtime(): Diagnosis['runtime'] {
  const versions = process.versions as Readonly<Record<string, string | undefined>>;
  const name = ['bun', 'deno', 'electron'].find((other) => versions[other] !== undefined) ?? 'node';
  const hasLibuv = name === 'node' || name === 'electron';
  return { name, version: versions[name] ?? '', libuv: hasLibuv ? (versions['uv'] ?? null) : null };
}
