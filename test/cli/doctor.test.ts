import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants as fs, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { version } from '../../package.json';
import type { Diagnosis } from '../../lib/cli/doctor';
import type { Finding } from '../../lib/cli/finding';
import { native } from '../../lib/native';
import { inChild } from '../support/child';
import { temporary } from '../support/opened';

const PROGRAM = join(__dirname, '../../dist/cli/iomux.js');

interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function iomux(args: readonly string[], env: Readonly<Record<string, string>> = {}): Answer {
  return spawnSync(process.execPath, [PROGRAM, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
}

/** What it finds here. */
const healthy = iomux(['doctor', '--json']);

function diagnosis(answer: Answer): Diagnosis {
  expect(answer.stderr).toBe('');
  return JSON.parse(answer.stdout) as Diagnosis;
}

/** The same in a process that is refused a system call, as in the sandbox of a container. */
async function refused(call: string, errno: number): Promise<Answer> {
  const { result } = await inChild(
    ({ descriptors }, given) => {
      const { spawnSync: run } =
        require('node:child_process') as typeof import('node:child_process');
      descriptors.refuse(given.call, given.errno);
      const args = [given.program, 'doctor', '--json'];
      const { status, stdout, stderr } = run(process.execPath, args, { encoding: 'utf8' });
      return { status, stdout, stderr };
    },
    { argument: { call, errno, program: PROGRAM } },
  );
  return result as Answer;
}

/** The same in a process that was changed before. */
function changed(change: string, args: readonly string[]): Answer {
  const program = temporary('changed.cjs');
  writeFileSync(program, `${change}; require(${JSON.stringify(PROGRAM)});`);
  return spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
}

const NO_PROC = `const fs = require('node:fs'), { readFileSync } = fs;
fs.readFileSync = (path, ...rest) => readFileSync(path.replace(/^\\/proc\\//, '/nowhere/'), ...rest)`;
// The report of Deno contains no limits, and cannot be replaced.
const NO_REPORT = `if (!('deno' in process.versions)) Object.defineProperty(process, 'report', { value: undefined })`;

function named(name: string, findings: readonly Finding[] = []): Finding | undefined {
  return findings.find((finding) => finding.name === name);
}

describe('npx iomux doctor', () => {
  test('tells what it has found, and that iomux works', () => {
    expect(healthy.status).toBe(0);
    expect(diagnosis(healthy)).toMatchObject({
      iomux: version,
      system: { platform: process.platform, arch: process.arch },
      runtime: { name: 'node', version: process.versions.node, libuv: process.versions.uv },
      addon: { path: expect.stringMatching(/iomux\.node$/) },
      backend: native.backend,
      driver: { name: process.env['IOMUX_DRIVER'] ?? 'uv' },
      needed: [
        { name: native.backend, state: 'ok' },
        { name: 'an event through the event loop', state: 'ok' },
      ],
      works: true,
    });
  });

  test('tells people the same', () => {
    const told = iomux(['doctor']);
    const { system, features = [], limits } = diagnosis(healthy);
    expect(told).toMatchObject({ status: 0, stderr: '' });
    expect(told.stdout).toContain(`system    ${system.platform} ${system.arch}`);
    for (const { name, state } of [...features, ...limits]) {
      const line = new RegExp(`^ {2}${state} +${name.replaceAll(/[()]/g, '.')}`, 'm');
      expect(told.stdout).toMatch(line);
    }
    expect(told.stdout).toMatch(/^iomux works here\.$/m);
  });

  test('says which driver it is, and why', () => {
    const driverOf = (env: Record<string, string>) =>
      diagnosis(iomux(['doctor', '--json'], env)).driver;
    expect(driverOf({ IOMUX_DRIVER: '' })).toEqual({
      name: 'uv',
      reason: 'this runtime has libuv',
    });
    expect(driverOf({ IOMUX_DRIVER: 'thread' })).toEqual({
      name: 'thread',
      reason: 'IOMUX_DRIVER says so',
    });
  });

  test('says what is wrong where the package cannot be loaded, and exits with 1', () => {
    const noAddon = { IOMUX_PREBUILD: '/nowhere' };
    const answer = iomux(['doctor', '--json'], noAddon);
    expect(answer.status).toBe(1);
    const { works, error, needed, limits } = diagnosis(answer);
    expect({ works, needed }).toEqual({ works: false, needed: undefined });
    expect(error?.message).toContain('No native build was found');
    expect(error?.advice).toContain('npm rebuild iomux');
    expect(limits.length).toBeGreaterThan(0);
    const told = iomux(['doctor'], noAddon).stdout;
    expect(told).toContain('npm rebuild iomux');
    expect(told).toMatch(/^iomux does not work here\.$/m);
    const noDriver = iomux(['doctor', '--json'], { IOMUX_DRIVER: 'windows' });
    expect(diagnosis(noDriver).error?.message).toContain('IOMUX_DRIVER');
    expect(noDriver.status).toBe(1);
  });
});

describe('where there is no /proc', () => {
  test('the limits that the runtime knows are told', () => {
    const answer = changed(NO_PROC, ['doctor', '--json']);
    expect(answer.status).toBe(0);
    const { limits, works } = diagnosis(answer);
    expect(works).toBe(true);
    for (const name of ['RLIMIT_NOFILE, soft', 'RLIMIT_NOFILE, hard']) {
      expect(named(name, limits)).toEqual(named(name, diagnosis(healthy).limits));
    }
  });

  test('and the runtime has no report, it is told that they are not known', () => {
    const answer = changed(`${NO_PROC}; ${NO_REPORT}`, ['doctor', '--json']);
    expect(answer.status).toBe(0);
    const { limits } = diagnosis(answer);
    const found = limits.filter(({ name }) => name.startsWith('RLIMIT_NOFILE'));
    expect(found).toMatchObject([{ name: 'RLIMIT_NOFILE', state: 'missing', value: null }]);
    expect(found[0].advice).toContain('ulimit -n');
  });
});

describe.runIf(process.platform === 'linux' && native.backend === 'epoll')('on Linux', () => {
  const { EPERM, ENOSYS } = constants.errno;

  test('everything that this kernel has is found', () => {
    const { features = [] } = diagnosis(healthy);
    expect(features.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'epoll_pwait2',
        'EPOLLEXCLUSIVE',
        'splice',
        'pidfd_open',
        'sendmmsg',
      ]),
    );
    for (const { state, value, advice } of features) {
      expect([value === null, advice === null]).toEqual([state === 'ok', state === 'ok']);
    }
    // Features older than any Linux that Node 20 runs on.
    for (const name of ['EPOLLEXCLUSIVE', 'timerfd', 'inotify', 'splice', 'sendmmsg', 'recvmmsg']) {
      expect(named(name, features)).toMatchObject({ name, state: 'ok' });
    }
  });

  test.each(['epoll_pwait2', 'pidfd_open', 'splice', 'sendmmsg'])(
    '%s that a sandbox refuses is told from one that is not there',
    async (name) => {
      const forbidden = await refused(name, EPERM);
      expect(forbidden.status).toBe(0);
      const found = named(name, diagnosis(forbidden).features);
      expect(found).toMatchObject({ state: 'refused', value: 'EPERM' });
      expect(found?.advice).toContain('sandbox');
      const hidden = named(name, diagnosis(await refused(name, ENOSYS)).features);
      expect(hidden).toMatchObject({ state: 'missing', value: 'ENOSYS' });
      expect(hidden?.advice).toContain('It was added in Linux');
    },
  );

  test('what takes a process is told where none can be started', () => {
    const answer = changed(`process.execPath = '/nowhere/node'`, ['doctor', '--json']);
    expect(answer.status).toBe(0);
    const { works, features } = diagnosis(answer);
    expect(works).toBe(true);
    expect(named('PIDFD_INFO_EXIT', features)).toMatchObject({ state: 'failed', value: 'ENOENT' });
  });

  test('a limit that is low is told with its value, and what to do', () => {
    const command = `ulimit -n 256; exec "$0" "$1" doctor "$2"`;
    const run = (flag: string): Answer =>
      spawnSync('sh', ['-c', command, process.execPath, PROGRAM, flag], { encoding: 'utf8' });
    const answer = run('--json');
    expect(answer.status).toBe(0);
    for (const name of ['RLIMIT_NOFILE, soft', 'RLIMIT_NOFILE, hard']) {
      const found = named(name, diagnosis(answer).limits);
      expect(found).toMatchObject({ state: 'low', value: 256 });
      expect(found?.advice).toContain('ulimit -n 65536');
    }
  });
});

describe('npx iomux', () => {
  test('ends when nobody reads on', async () => {
    const child = spawn(process.execPath, [PROGRAM, 'doctor'], { stdio: 'pipe' });
    child.stdout.destroy();
    const said = child.stderr.toArray();
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(Buffer.concat(await said).toString()).toBe('');
  });

  test('is a program of its own after every build, for a package that is linked', () => {
    expect(() => {
      accessSync(PROGRAM, fs.X_OK);
    }).not.toThrow();
  });

  test('has a version and a usage', () => {
    expect(iomux(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
    expect(iomux(['-v']).stdout).toBe(`${version}\n`);
    for (const flag of ['--help', '-h']) {
      const stdout = expect.stringMatching(/^Usage: iomux doctor \[--json\]/) as string;
      expect(iomux([flag])).toMatchObject({ status: 0, stdout, stderr: '' });
    }
  });

  test.each([[], ['nurse'], ['doctor', 'who'], ['doctor', '--jsn'], ['--json=1', 'doctor']])(
    'exits with 2 for what it does not know: %j',
    (...args: string[]) => {
      const { status, stdout, stderr } = iomux(args);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(/^iomux: .+\n\nUsage: iomux doctor/);
    },
  );
});
