import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Who runs the servers, where we are root: some refuse to run as root. */
const USER = 'nobody';

function unprivileged() {
  if (process.getuid() !== 0) return {};
  const [uid, gid] = ['-u', '-g'].map((which) => Number(output('id', which, USER)));
  return { uid, gid };
}

function output(command, ...args) {
  return spawnSync(command, args, { encoding: 'utf8' }).stdout?.trim();
}

/** The path of a program, or undefined. Debian keeps those of PostgreSQL out of the way. */
export function findProgram(name) {
  const path = `${process.env.PATH}:/usr/sbin:/sbin`;
  const postgres = output('sh', '-c', 'ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1');
  const found = spawnSync('sh', ['-c', 'command -v "$0"', name], {
    encoding: 'utf8',
    env: { PATH: `${postgres}:${path}` },
  });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

/** A folder of the unprivileged user's, in which a server keeps its data and sockets. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'iomux-daemon-'));
  const { uid, gid } = unprivileged();
  if (uid !== undefined) chownSync(folder, uid, gid);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Files that are to be read by the user who runs the server, and by nobody else. */
export function handOver(...paths) {
  const { uid, gid } = unprivileged();
  for (const path of paths) {
    chmodSync(path, 0o600);
    if (uid !== undefined) chownSync(path, uid, gid);
  }
}

/** Runs a program to its end. */
export function runProgram(command, args) {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', ...unprivileged() });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
}

/** For servers that cannot be asked for any free port. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts a server; resolves when it has printed that it is ready, to what stops it. */
export async function startDaemon(command, args, isReady) {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
    ...unprivileged(),
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'exit');
  const printed = [];
  await new Promise((resolve, reject) => {
    const onLine = (line) => {
      printed.push(line);
      if (isReady.test(line)) resolve();
    };
    for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', onLine);
    ended.then(() => reject(new Error(`${command} has ended:\n${printed.join('\n')}`)), reject);
  });
  return async () => {
    child.kill('SIGINT');
    await ended;
    process.removeListener('exit', kill);
  };
}
