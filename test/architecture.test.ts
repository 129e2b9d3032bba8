import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { describe, expect, test, vi } from 'vitest';

// The compiler takes its time.
vi.setConfig({ testTimeout: 60_000 });

const ROOT = join(__dirname, '..');

/** From the bottom to the top. What stands in lib/ itself is the base, or an entry point. */
const LAYERS = [
  'base',
  'raw',
  'poll',
  'reactor',
  'sources',
  'io',
  'node',
  'compat',
  'cli',
  'entry',
];
const BASE = [
  'abort-callbacks.ts',
  'addon-path.ts',
  'addon-sockets.ts',
  'addon.ts',
  'async-context.ts',
  'clock.ts',
  'errors.ts',
  'iteration.ts',
  'native.ts',
  'node-gyp-build.d.ts',
  'shown.ts',
  'validate.ts',
  'waiters.ts',
];

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What is built has links that lead around in circles. */
function filesOf(folder: string, endings: string[]): SourceFile[] {
  return ts.sys
    .readDirectory(join(ROOT, folder), endings, ['**/build'])
    .map((path) => ({ path: relative(ROOT, path), text: readFileSync(path, 'utf8') }));
}

const lib = filesOf('lib', ['.ts', '.mts']);
const native = filesOf('native', ['.cc', '.h']);

function layerOf(path: string): string {
  const [first, ...rest] = relative('lib', path).split('/');
  if (rest.length > 0) return first;
  return BASE.includes(first) ? 'base' : 'entry';
}

/** Every module that the file names: imports, exports, `import()` and `require`. */
function importsOf({ text }: SourceFile): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** The same, as paths of files in lib/. */
function ownImportsOf(file: SourceFile): string[] {
  return importsOf(file)
    .filter((name) => name.startsWith('.'))
    .map((name) => join(dirname(file.path), name.replace(/\.js$/, '')) + '.ts');
}

/** The code without its comments. */
function codeOf({ path, text }: SourceFile): string {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  return ts.createPrinter({ removeComments: true }).printFile(file);
}

function includesOf({ text }: SourceFile): string[] {
  return [...text.matchAll(/^\s*#\s*include\s+[<"]([^>"]+)[>"]/gm)].map(([, name]) => name);
}

describe('lib', () => {
  test('has a layer for every file, and its names are kebab-case', () => {
    expect(lib.length).toBeGreaterThan(20);
    for (const { path } of lib) {
      expect(LAYERS, path).toContain(layerOf(path));
      expect(path).toMatch(/^lib(\/[a-z0-9]+(-[a-z0-9]+)*)+(\.d)?\.m?ts$/);
    }
  });

  test('imports point down only', () => {
    const upward = lib.flatMap((file) =>
      ownImportsOf(file)
        .filter((path) => LAYERS.indexOf(layerOf(path)) > LAYERS.indexOf(layerOf(file.path)))
        .map((path) => `${file.path} imports ${path}`),
    );
    expect(upward).toEqual([]);
  });

  test('imports nothing but itself, Node and the loader of the addon', () => {
    const foreign = lib.flatMap((file) =>
      importsOf(file)
        .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
        .map((name) => `${file.path} imports ${name}`),
    );
    expect([...new Set(foreign)]).toEqual(['lib/addon-path.ts imports node-gyp-build']);
  });

  // In Deno, node:fs knows no descriptor but those that it has opened.
  test('asks node:fs about paths only', () => {
    const calls = lib.flatMap((file) =>
      [...codeOf(file).matchAll(/import \{([^}]*)\} from ["']node:fs/g)].flatMap(([, names]) =>
        names.split(',').map((name) => name.trim()),
      ),
    );
    expect(calls).toContain('lstatSync');
    expect(
      calls.filter((name) => /^(close|f[a-z]+|open|readv?|writev?)(Sync)?$/.test(name)),
    ).toEqual([]);
  });

  test('has no file that two others import in a circle', () => {
    const imports = new Map(lib.map((file) => [file.path, runtimeImportsOf(file)]));
    const circles = [...imports].flatMap(([path, names]) =>
      names.filter((name) => reaches(imports, name, path)).map((name) => `${path} <-> ${name}`),
    );
    expect(circles).toEqual([]);
  });

  test('has no default exports', () => {
    const found = lib.filter(
      ({ path, text }) => !path.endsWith('.d.ts') && /^export default /m.test(text),
    );
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  test('names a platform or its calls nowhere above raw, but where one is chosen', () => {
    const allowed = new Map([
      ['lib/poll/system-selector.ts', 'picks the backend'],
      ['lib/poll/selector.ts', 'the names that a user may ask for'],
      ['lib/poll/poller.ts', 'the names that a user may ask for'],
      ['lib/poll/epoll-selector.ts', 'is a backend'],
      ['lib/poll/kqueue-selector.ts', 'is a backend'],
      ['lib/cli/doctor.ts', 'tells of the platform'],
      ['lib/cli/examine.ts', 'tells of the platform'],
      ['lib/cli/finding.ts', 'tells of the platform'],
      ['lib/cli/kqueue-probes.ts', 'tells of the platform'],
      ['lib/cli/limits.ts', 'tells of the platform'],
      ['lib/cli/linux-probes.ts', 'tells of the platform'],
      ['lib/compat/epoll.ts', 'is another epoll'],
      ['lib/compat/epoll.mts', 'is another epoll'],
      ['lib/compat/shared-epoll.ts', 'is another epoll'],
      ['lib/epoll.ts', 'the entry point of raw epoll'],
      ['lib/epoll.mts', 'the entry point of raw epoll'],
      ['lib/kqueue.ts', 'the entry point of raw kqueue'],
      ['lib/kqueue.mts', 'the entry point of raw kqueue'],
    ]);
    const words = /process\.platform|epoll|kqueue|darwin|linux|freebsd|eventfd|kevent/i;
    const found = lib
      .filter(({ path }) => !['base', 'raw'].includes(layerOf(path)))
      .filter((file) => words.test(codeOf(file)))
      .map(({ path }) => path);
    expect(found.filter((path) => !allowed.has(path))).toEqual([]);
    // A reason whose file has gone is no reason.
    expect([...allowed.keys()].filter((path) => !found.includes(path))).toEqual([]);
  });
});

const TYPES_ONLY = /^(?:import|export) (?:type\b[^;]*|\{(?:\s*type [\w ]+,?)+\s*\} from [^;]*);/gm;

/** Types are gone at run time, and may refer to each other. */
function runtimeImportsOf({ path, text }: SourceFile): string[] {
  return ownImportsOf({ path, text: text.replace(TYPES_ONLY, '') });
}

function reaches(imports: Map<string, string[]>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const next = [from];
  for (let path = next.pop(); path !== undefined; path = next.pop()) {
    if (path === to) return true;
    if (seen.has(path)) continue;
    seen.add(path);
    next.push(...(imports.get(path) ?? []));
  }
  return false;
}

describe('native', () => {
  const product = native.filter(({ path }) => !path.startsWith('native/test/'));
  const system = product.filter(({ path }) => /^native\/(sys|epoll|kqueue)\//.test(path));

  test('includes libuv in two files', () => {
    const files = product.filter((file) => includesOf(file).some((name) => name.startsWith('uv')));
    expect(files.map(({ path }) => path).sort()).toEqual([
      'native/binding/libuv_signals.cc', // shares the signals with it
      'native/binding/loop_watch.cc', // is the driver
    ]);
  });

  test('makes system calls without Node, and without what binds them to it', () => {
    expect(system.length).toBeGreaterThan(10);
    const foreign = system.flatMap((file) =>
      includesOf(file)
        .filter((name) => /^(napi|node|v8|js_native_api|uv)|^native\/binding/.test(name))
        .map((name) => `${file.path} includes ${name}`),
    );
    expect(foreign).toEqual([]);
  });

  test('has epoll and kqueue know nothing of each other', () => {
    const found = system.flatMap((file) =>
      includesOf(file)
        .filter((name) => name.startsWith('native/') && !name.startsWith('native/sys/'))
        .filter((name) => dirname(name) !== dirname(file.path))
        .map((name) => `${file.path} includes ${name}`),
    );
    expect(found).toEqual([]);
  });

  test('asks what platform it is on in one header', () => {
    const found = product.filter(({ text }) =>
      /__(APPLE|linux|FreeBSD|NetBSD|OpenBSD)__/.test(text),
    );
    expect(found.map(({ path }) => path)).toEqual(['native/kqueue/platform.h']);
  });
});
