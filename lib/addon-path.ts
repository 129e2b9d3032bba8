import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Of the package, where its binaries are. */
const ROOT = join(__dirname, '..');
/** What tells node-gyp-build to look elsewhere, or for another binary. */
const ELSEWHERE = [
  'IOMUX_PREBUILD',
  'PREBUILDS_ONLY',
  'LIBC',
  'npm_config_arch',
  'npm_config_platform',
];

/**
 * The file of the addon, as node-gyp-build finds it. Where it usually is, we look first: to load
 * node-gyp-build and have it look takes a third of the time that the whole package takes otherwise.
 */
export function addonPath(): string {
  const { env } = process;
  const told = ELSEWHERE.some((name) => env[name] !== undefined);
  const usual = told
    ? undefined
    : [join(ROOT, 'build/Release/iomux.node'), prebuilt()].find(existsSync);
  if (usual !== undefined) return usual;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import that few need
  return (require('node-gyp-build') as typeof import('node-gyp-build')).path(ROOT);
}

/** Where native/prebuild/targets.mjs puts that for this system. */
function prebuilt(): string {
  const { platform, arch } = process;
  const libc = platform !== 'linux' ? '' : existsSync('/etc/alpine-release') ? '.musl' : '.glibc';
  return join(ROOT, `prebuilds/${platform}-${arch}/iomux.napi.uv1${libc}.node`);
}
