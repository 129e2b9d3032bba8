import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the package. */
const ROOT = join(__dirname, '..');
/** Environment variables that make node-gyp-build choose another file. */
const ELSEWHERE = [
  'IOMUX_PREBUILD',
  'PREBUILDS_ONLY',
  'LIBC',
  'npm_config_arch',
  'npm_config_platform',
];

/**
 * The file of the addon, as node-gyp-build finds it. The usual places are tried first: loading node-gyp-build
 * and letting it search adds a third to the time that the whole package takes to load.
 */
export function addonPath(): string {
  const { env } = process;
  const isRedirected = ELSEWHERE.some((name) => env[name] !== undefined);
  const usual = isRedirected
    ? undefined
    : [join(ROOT, 'build/Release/iomux.node'), prebuilt()].find(existsSync);
  if (usual !== undefined) return usual;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- rarely needed
  return (require('node-gyp-build') as typeof import('node-gyp-build')).path(ROOT);
}

/** The binary that native/prebuild/targets.mjs builds for this system. */
function prebuilt(): string {
  const { platform, arch } = process;
  const libc = platform !== 'linux' ? '' : existsSync('/etc/alpine-release') ? '.musl' : '.glibc';
  return join(ROOT, `prebuilds/${platform}-${arch}/iomux.napi.uv1${libc}.node`);
}
