import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { readMachO } from './mach-o.mjs';

const MOST_GLIBC = [2, 28];
const MOST_MACOS = [11, 0];
const ARCHITECTURES = { x86_64: 'Advanced Micro Devices X86-64', aarch64: 'AArch64' };
/** The exports that Node looks up in an addon, and musl in any library. */
const ENTRY = /^(napi_register_module_v\d+|node_api_module_get_api_version_v1|_init|_fini)$/;

/**
 * The problems of a binary: it may only need symbols of Node, libuv and the system's C library, and must
 * be well-formed for its system.
 */
export function problemsOf(file, target, zig) {
  const [architecture, system, libc] = target.zig.split(/[-.]/);
  return system === 'macos'
    ? machOProblems(file, architecture, zig)
    : elfProblems(file, architecture, libc, zig);
}

function elfProblems(file, architecture, libc, zig) {
  const header = readelf('-hW', file);
  const segments = readelf('-lW', file);
  const dynamic = readelf('-dW', file);
  const symbols = readelf('--dyn-syms', '-W', file)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , type, binding]) => binding === 'GLOBAL' && type !== 'SECTION')
    .map(([, , , , , , section, name]) => ({ defined: section !== 'UND', name }));
  const problems = [];
  if (!header.includes(`Machine:                           ${ARCHITECTURES[architecture]}`)) {
    problems.push(`is not for ${architecture}`);
  }
  if (!/Type:\s+DYN/.test(header)) problems.push('is no shared object');
  if (!/GNU_STACK.*RW /.test(segments)) problems.push('has a stack that is executable');
  if (/RPATH|RUNPATH/.test(dynamic)) problems.push('looks for libraries in folders of its own');
  const libraries = [...dynamic.matchAll(/NEEDED.*\[(.*)\]/g)].map(([, name]) => name);
  const expected = libc === 'musl' ? /^libc\.so$/ : /^lib(c|m|dl|pthread)\.so\.\d$/;
  for (const name of libraries) if (!expected.test(name)) problems.push(`needs ${name}`);
  const system = libc === 'musl' ? muslSymbols(zig) : undefined;
  problems.push(...missing(symbols, (name) => system?.has(name) ?? isOldGlibc(name)));
  return problems;
}

function machOProblems(file, architecture, zig) {
  const binary = readMachO(readFileSync(file));
  const problems = [];
  if (binary.architecture !== architecture) problems.push(`is not for ${architecture}`);
  if (!binary.loadable) problems.push('is neither a bundle nor a dynamic library');
  if (isNewer(binary.oldestSystem, MOST_MACOS)) {
    problems.push(`needs macOS ${binary.oldestSystem.join('.')}`);
  }
  // The kernel kills a process that runs unsigned code on arm64.
  if (architecture === 'aarch64' && !binary.signed) problems.push('is not signed');
  for (const name of binary.libraries) {
    if (name !== '/usr/lib/libSystem.B.dylib') problems.push(`needs ${name}`);
  }
  const system = darwinSymbols(zig);
  problems.push(...missing(binary.symbols, (name) => system.has(`_${name}`) || system.has(name)));
  return problems;
}

function missing(symbols, isOfSystem) {
  const node = nodeSymbols();
  const unknown = symbols.filter(
    ({ defined, name }) => !defined && !node.has(name) && !isOfSystem(name),
  );
  const entries = symbols.filter(({ defined, name }) => defined && ENTRY.test(name));
  const others = symbols.filter(({ defined, name }) => defined && !ENTRY.test(name));
  return [
    ...unknown.map(({ name }) => `needs ${name}, which nobody has`),
    ...others.map(({ name }) => `exports ${name}`),
    ...(entries.length === 0 ? ['has no entry point'] : []),
  ];
}

/** Node-API and libuv, as the Node that runs this exports them. */
function nodeSymbols() {
  const names = readelf('--dyn-syms', '-W', process.execPath).matchAll(
    / ((napi|node_api|uv)_\w+)/g,
  );
  return new Set([...names].map(([, name]) => name));
}

/** `name@GLIBC_2.17` */
function isOldGlibc(name) {
  const version = /@GLIBC_(\d+)\.(\d+)/.exec(name);
  return version !== null && !isNewer(version.slice(1).map(Number), MOST_GLIBC);
}

function muslSymbols(zig) {
  const stubs = readFileSync(join(zig, 'lib/libc/musl/libc.S'), 'utf8');
  return new Set([...stubs.matchAll(/^(\w+):/gm)].map(([, name]) => name));
}

function darwinSymbols(zig) {
  const stubs = readFileSync(join(zig, 'lib/libc/darwin/libSystem.11.tbd'), 'utf8');
  return new Set(stubs.match(/(?<![\w$])[_a-z][\w$]*/g));
}

function isNewer([major, minor], [mostMajor, mostMinor]) {
  return major > mostMajor || (major === mostMajor && minor > mostMinor);
}

function readelf(...args) {
  const env = { ...process.env, LC_ALL: 'C' };
  return execFileSync('readelf', args, { encoding: 'utf8', env, maxBuffer: 2 ** 28 });
}
