import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { name, bin, exports as entries } from '../package.json';
import { linksOf } from './support/documents';
import { temporary } from './support/opened';

// The compiler takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const ROOT = join(__dirname, '..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const run = promisify(execFile);

/** The entry points, by the names that a program loads them by. */
const MODULES = Object.keys(entries)
  .filter((entry) => entry !== './package.json')
  .map((entry) => name + entry.slice(1));

/** The files that the entry points are. */
const FILES = Object.values(entries)
  .flatMap((entry) =>
    typeof entry === 'string'
      ? [entry]
      : Object.values(entry).flatMap((target) => Object.values(target)),
  )
  .map((path) => path.slice('./'.length));

/** Runs a program in the package, so that it can load it by its name, and hands back what it says. */
async function output(program: string, ...flags: string[]): Promise<unknown> {
  const { stdout, stderr } = await run(process.execPath, [...flags, '-e', program], { cwd: ROOT });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe('the package', () => {
  test('has an entry point for every part of the contract that there is', () => {
    expect(MODULES.sort()).toEqual([
      'iomux',
      'iomux/compat/epoll',
      'iomux/epoll',
      'iomux/kqueue',
      'iomux/net',
      'iomux/node',
      'iomux/select',
      'iomux/socket',
    ]);
  });

  test('has every file that it names', () => {
    const named = [...FILES, ...Object.values(bin)];
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test.each(MODULES)('%s imported is what it is required', async (module) => {
    const program = `
      import { createRequire } from 'node:module';
      import * as imported from '${module}';
      const required = createRequire(process.cwd() + '/')('${module}');
      const names = Object.keys(required);
      const differ = names.filter((name) => imported[name] !== required[name]);
      const more = Object.keys(imported).filter((name) => !(name in required));
      console.log(JSON.stringify({ names: names.length, differ, more }));`;
    const found = (await output(program, '--input-type=module')) as Record<string, unknown>;
    expect(found).toEqual({ names: expect.any(Number), differ: [], more: expect.any(Array) });
    expect(found['names']).toBeGreaterThan(0);
    // What Node itself adds to a CommonJS module that is imported.
    const named = (found['more'] as string[]).filter(
      (key) => key !== 'default' && key !== 'module.exports',
    );
    expect(named).toEqual([]);
  });

  test('has one default reactor, however and by whatever name it is loaded', async () => {
    const program = `
      import { readable, reactor } from 'iomux';
      import { listen } from 'iomux/net';
      import { createRequire } from 'node:module';
      const required = createRequire(process.cwd() + '/')('iomux');
      const listener = await listen({ host: '127.0.0.1', port: 0 });
      const accepted = listener.accept().catch(() => undefined);
      const { waiting } = required.reactor.statistics();
      listener.close();
      await accepted;
      console.log(JSON.stringify({ same: required.reactor === reactor, waiting }));`;
    expect(await output(program, '--input-type=module')).toEqual({ same: true, waiting: 1 });
  });

  test('loads fast: no module that can wait, and no getter for what its files share', async () => {
    const program = `
      const before = new Set(process.moduleLoadList);
      require('iomux/net');
      const slow = process.moduleLoadList?.filter((name) =>
        / (dns|net|perf_hooks|worker_threads)$/.test(name) && !before.has(name));
      const shared = ['core', 'io', 'sources'].flatMap((file) =>
        Object.values(Object.getOwnPropertyDescriptors(require('./dist/' + file))));
      const getters = shared.filter(({ get }) => get !== undefined).length;
      console.log(JSON.stringify({ slow: slow ?? [], shared: shared.length, getters }));`;
    const found = (await output(program)) as Record<string, unknown>;
    expect(found).toEqual({ slow: [], shared: expect.any(Number), getters: 0 });
    expect(found['shared']).toBeGreaterThan(100);
  });

  test('loads what does more than wait when it is asked for', async () => {
    const program = `
      const { basename } = require('node:path');
      const loaded = () => Object.keys(require.cache).map((file) => basename(file));
      const iomux = require('iomux');
      const before = loaded().includes('sources.js');
      const missing = Object.keys(iomux).filter((name) => iomux[name] === undefined);
      const after = loaded().includes('sources.js');
      console.log(JSON.stringify({ before, after, missing }));`;
    expect(await output(program)).toEqual({ before: false, after: true, missing: [] });
  });

  test('finds its binaries without node-gyp-build', async () => {
    const { targets } = await vi.importActual<{ targets: { file: string }[] }>(
      '../native/prebuild/targets.mjs',
    );
    // A file of Alpine says that its C library is musl: no test can make it, or take it away.
    const elsewhere = existsSync('/etc/alpine-release') ? 'glibc' : 'musl';
    const files = targets.map(({ file }) => file).filter((file) => !file.includes(elsewhere));
    const folder = temporary();
    cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
    for (const file of files) {
      mkdirSync(join(folder, dirname(file)), { recursive: true });
      writeFileSync(join(folder, file), 'no binary');
    }
    const systems = files.map((file) => basename(dirname(file)).split('-'));
    const program = `
        for (const [platform, arch] of ${JSON.stringify(systems)}) {
          Object.defineProperties(process, { platform: { value: platform }, arch: { value: arch } });
          try { require('./dist/index.js') } catch (error) { console.log(error.message) }
        }`;
    const env = {
      ...process.env,
      IOMUX_PREBUILD: undefined,
      PREBUILDS_ONLY: undefined,
      LIBC: undefined,
    };
    const { stdout } = await run(process.execPath, ['-e', program], { cwd: folder, env });
    // There is no node-gyp-build beside it that could be loaded.
    // Deno names a path twice.
    const found = new Set(stdout.match(/prebuilds\/\S+\.node/g));
    expect([...found]).toEqual(files);
  });

  test('refuses a driver that there is not, with a code', async () => {
    const program = `
      try { require('iomux') } catch (error) { console.log(JSON.stringify(error.code)) }`;
    const { stdout } = await run(process.execPath, ['-e', program], {
      cwd: ROOT,
      env: { ...process.env, IOMUX_DRIVER: 'windows' },
    });
    expect(JSON.parse(stdout)).toBe('ERR_INVALID_ARG_VALUE');
  });
});

describe('the declarations', () => {
  test('compile in a program that checks the libraries it uses, and includes no types', async () => {
    const files = FILES.filter((path) => /\.d\.m?ts$/.test(path));
    expect(files).toHaveLength(2 * MODULES.length);
    const options = [
      ...['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false'],
      ...['--module', 'node16'],
      ...['--target', 'es2020', '--lib', 'es2020', '--ignoreConfig'],
    ];
    // An error is on the standard output, which the rejection carries.
    const { stdout } = await run(process.execPath, [TSC, ...options, ...files], { cwd: ROOT });
    expect(stdout).toBe('');
  });
});

describe('what is published', () => {
  let paths: string[];
  beforeAll(async () => {
    const { stdout } = await run('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
      cwd: ROOT,
    });
    const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
    paths = files.map(({ path }) => path);
  });

  test('is what the entry points and the build of the addon need, and no tests', () => {
    const sources = [
      ...readFileSync(join(ROOT, 'binding.gyp'), 'utf8').matchAll(/native\/[\w/]+\.cc/g),
    ];
    const needed = [...FILES, 'binding.gyp', ...sources.map(([path]) => path)];
    expect(needed.length).toBeGreaterThan(30);
    expect(needed.filter((path) => !paths.includes(path))).toEqual([]);
    expect(paths.filter((path) => /(^|\/)(test|bench|build)\//.test(path))).toEqual([]);
    // Nobody imports what the command is made of.
    expect(paths.filter((path) => path.startsWith('dist/cli/'))).toEqual([bin.iomux]);
  });

  test('is what the README links to, but for what runs in a clone only', () => {
    const linked = linksOf('README.md')
      .map(({ file }) => file)
      .filter((file) => !/^(\.github|bench|examples|test)\//.test(file));
    expect(linked.length).toBeGreaterThan(10);
    expect(linked.filter((file) => !paths.includes(file))).toEqual([]);
  });

  test('has a binary for every system, or is not published', async () => {
    const folder = temporary();
    const prepublish = async (): Promise<string[]> => {
      const args = ['run', '--silent', 'prepublishOnly', '--', folder];
      const { stderr } = await run('npm', args, { cwd: ROOT }).catch(
        (error: unknown) => error as { stderr: string },
      );
      return stderr.match(/prebuilds\/\S+\.node/g) ?? [];
    };
    const missing = await prepublish();
    expect(missing).toContain('prebuilds/linux-x64/iomux.napi.uv1.glibc.node');
    expect(missing.length).toBeGreaterThan(4);
    const [last, ...others] = missing;
    const make = (path: string): void => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), '');
    };
    others.forEach(make);
    expect(await prepublish()).toEqual([last]);
    make(last);
    await run('npm', ['run', '--silent', 'prepublishOnly', '--', folder], { cwd: ROOT });
  });
});
