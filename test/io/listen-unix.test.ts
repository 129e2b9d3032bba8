import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect as netConnect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { listen, type Listener } from '../../lib/net';
import { inChild } from '../support/child';
import { openDescriptors } from '../support/descriptors';
import { PATIENCE } from '../support/patience';
import { temporary, tracked } from '../support/opened';
import { readAll } from './peers';

const run = promisify(execFile);

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporary();
  path = join(folder, 'socket');
});

async function listening(o: { mode?: number; backlog?: number } = {}): Promise<Listener> {
  return tracked(await listen({ path, ...o }));
}

async function serverOfNode(): Promise<Server> {
  const server = tracked(createServer());
  server.listen(path);
  await once(server, 'listening');
  return server;
}

/** Leaves the file of a socket that is closed. */
async function crashed(): Promise<void> {
  await run('python3', ['-c', 'import socket, sys; socket.socket(1).bind(sys.argv[1])', path]);
}

/** What a client receives that sends nothing. */
async function answer(target = path): Promise<string> {
  const socket = tracked(netConnect(target));
  socket.end();
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const inUse = { code: 'EADDRINUSE', syscall: 'bind' };

describe('listen on a path', () => {
  test('accepts connections there, and says so', async () => {
    const listener = await listening();
    expect(listener.address).toEqual({ path });
    expect(lstatSync(path).isSocket()).toBe(true);
    const socket = tracked(netConnect({ path, allowHalfOpen: true }));
    const stream = tracked(await listener.accept());
    expect(stream.localAddress).toEqual({ path });
    expect(stream.remoteAddress).toEqual({ path: '' });
    socket.end('hello');
    expect((await readAll(stream)).toString()).toBe('hello');
    await stream.write('bye');
    await stream.close();
    expect(((await once(socket, 'data')) as [Buffer])[0].toString()).toBe('bye');
  });

  test('serves curl', async () => {
    const listener = await listening();
    const serving = listener.serve(async (stream) => {
      await stream.read(Buffer.alloc(4096));
      await stream.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
    });
    const { stdout } = await run('curl', ['-sS', '--unix-socket', path, 'http://localhost/'], {
      // Not under the sanitizer that this process may be under.
      env: { ...process.env, LD_PRELOAD: '' },
    });
    expect(stdout).toBe('hello');
    listener.close();
    await serving;
  });

  test('that somebody listens on is EADDRINUSE, and nobody connects to them for that', async () => {
    const server = await serverOfNode();
    let connections = 0;
    server.on('connection', (socket) => {
      connections++;
      socket.end('node');
    });
    const before = openDescriptors().length;
    await expect(listen({ path })).rejects.toMatchObject({
      ...inUse,
      message: `EADDRINUSE: address already in use, bind ${path}`,
      address: path,
    });
    expect(openDescriptors()).toHaveLength(before);
    expect(await answer()).toBe('node');
    expect(connections).toBe(1);
    expect(readdirSync(folder)).toEqual(['socket']);
  });

  test('whose server is too busy to accept is EADDRINUSE all the same', async () => {
    const busy = await listening({ backlog: 0 });
    const waiting = tracked(netConnect(path));
    await once(waiting, 'connect');
    await expect(listen({ path })).rejects.toMatchObject(inUse);
    expect(existsSync(path)).toBe(true);
    busy.close();
  });

  test('to which somebody is bound, but does not listen yet, is EADDRINUSE', async () => {
    const python = 'import socket, sys; s = socket.socket(1); s.bind(sys.argv[1]); input()';
    const child = run('python3', ['-c', python, path]);
    await expect.poll(() => existsSync(path)).toBe(true);
    await expect(listen({ path })).rejects.toMatchObject(inUse);
    expect(existsSync(path)).toBe(true);
    child.child.stdin?.end('\n');
    await child;
  });

  test('that a crashed server has left is replaced', async () => {
    await crashed();
    const listener = await listening();
    expect(readdirSync(folder)).toEqual(['socket']);
    void listener.serve((stream) => stream.write('new'));
    expect(await answer()).toBe('new');
  });

  test('that a process of ours has left is replaced', async () => {
    const outcome = await inChild(
      async ({ net }, given: string) => {
        await net.listen({ path: given });
        process.exit(0);
      },
      { argument: path },
    );
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(lstatSync(path).isSocket()).toBe(true);
    await listening();
  });

  test('that is anything but a socket is EADDRINUSE, and stays', async () => {
    writeFileSync(path, 'precious');
    await expect(listen({ path })).rejects.toMatchObject(inUse);
    rmSync(path);
    mkdirSync(path);
    await expect(listen({ path })).rejects.toMatchObject(inUse);
    rmSync(path, { recursive: true });
    // Not even what a link leads to.
    await crashed();
    renameSync(path, `${path}.old`);
    symlinkSync(`${path}.old`, path);
    await expect(listen({ path })).rejects.toMatchObject(inUse);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(lstatSync(`${path}.old`).isSocket()).toBe(true);
  });

  test('on which a socket of datagrams is bound is EADDRINUSE', async () => {
    const python = 'import socket, sys; s = socket.socket(1, 2); s.bind(sys.argv[1]); input()';
    const child = run('python3', ['-c', python, path]);
    await expect.poll(() => existsSync(path)).toBe(true);
    await expect(listen({ path })).rejects.toMatchObject(inUse);
    child.child.stdin?.end('\n');
    await child;
    await listening();
  });

  test('in a folder that does not exist is ENOENT, and leaves no descriptor', async () => {
    const before = openDescriptors().length;
    await expect(listen({ path: join(folder, 'no', 'socket') })).rejects.toMatchObject({
      code: 'ENOENT',
      syscall: 'bind',
    });
    expect(openDescriptors()).toHaveLength(before);
  });

  test(
    'of which many begin at once, one has it',
    async () => {
      const outcome = await inChild(
        async ({ startWorker }, given: { path: string; workers: number; rounds: number }) => {
          // Arrivals at the barrier, its number, owners of the path, rounds without exactly one.
          const shared = new Int32Array(new SharedArrayBuffer(16));
          const workers = Array.from({ length: given.workers }, (_, index) =>
            startWorker(
              async ({ net, fs, threads }, { path: target, workers: count, rounds, first }) => {
                const numbers = await new Promise<Int32Array>((resolve) =>
                  threads.parentPort?.once('message', resolve),
                );
                const meet = (): void => {
                  const round = Atomics.load(numbers, 1);
                  if (Atomics.add(numbers, 0, 1) === count - 1) {
                    Atomics.store(numbers, 0, 0);
                    Atomics.add(numbers, 1, 1);
                    Atomics.notify(numbers, 1);
                  } else {
                    // A wait may end early or miss its notification: seen without our code, cause unknown.
                    while (Atomics.load(numbers, 1) === round) Atomics.wait(numbers, 1, round, 100);
                  }
                };
                for (let round = 0; round < rounds; round++) {
                  if (first) {
                    Atomics.store(numbers, 2, 0);
                    const crashing = await net.listen({ path: `${target}.old` });
                    fs.renameSync(`${target}.old`, target);
                    crashing.close();
                  }
                  meet();
                  const listener = await net.listen({ path: target }).catch((error: unknown) => {
                    if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
                  });
                  if (listener !== undefined) Atomics.add(numbers, 2, 1);
                  meet();
                  if (first && Atomics.load(numbers, 2) !== 1) Atomics.add(numbers, 3, 1);
                  listener?.close();
                  meet();
                }
                return 'done';
              },
              { ...given, first: index === 0 },
            ),
          );
          const ends = workers.map(
            (worker) => new Promise((resolve) => worker.once('exit', resolve)),
          );
          for (const worker of workers) worker.postMessage(shared);
          await Promise.all(ends);
          return { rounds: shared[1] / 3, wrong: shared[3] };
        },
        { argument: { path, workers: 4, rounds: 300 }, deadline: 60_000 },
      );
      expect(outcome).toMatchObject({ code: 0, stderr: '', result: { rounds: 300, wrong: 0 } });
      expect(readdirSync(folder)).toEqual([]);
    },
    60_000 * PATIENCE,
  );

  test.each([0o600, 0o660, 0o777])('gives the file the mode %o', async (mode) => {
    await listening({ mode });
    expect(lstatSync(path).mode & 0o777).toBe(mode);
  });

  test('without a mode gives the file what the umask leaves', async () => {
    const before = process.umask(0o027);
    try {
      await listening();
    } finally {
      process.umask(before);
    }
    expect(lstatSync(path).mode & 0o777).toBe(0o750);
  });

  test('refuses options that are not right', async () => {
    const wrong: [unknown, string][] = [
      [{ path: 5 }, 'ERR_INVALID_ARG_TYPE'],
      [{ path: '' }, 'ERR_INVALID_ARG_VALUE'],
      [{ path: 'a\0b' }, 'ERR_INVALID_ARG_VALUE'],
      [{ path: 'a'.repeat(200) }, 'ERR_INVALID_ARG_VALUE'],
      [{ path, mode: '600' }, 'ERR_INVALID_ARG_TYPE'],
      [{ path, mode: 0o1000 }, 'ERR_OUT_OF_RANGE'],
      [{ path, port: 80 }, 'ERR_INVALID_ARG_VALUE'],
      [{ path, noDelay: true }, 'ERR_INVALID_ARG_VALUE'],
      [{ path, backlog: -1 }, 'ERR_OUT_OF_RANGE'],
      [{ path: '\0name', mode: 0o600 }, 'ERR_INVALID_ARG_VALUE'],
    ];
    for (const [options, code] of wrong) {
      await expect(listen(options as { path: string })).rejects.toMatchObject({ code });
    }
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a listener on a path that is closed', () => {
  test('removes its file', async () => {
    const listener = await listening();
    listener.close();
    listener.close();
    expect(existsSync(path)).toBe(false);
  });

  test('leaves what has its name by now', async () => {
    const listener = await listening();
    rmSync(path);
    const server = await serverOfNode();
    server.on('connection', (socket) => socket.end('node'));
    listener.close();
    expect(await answer()).toBe('node');
  });

  test('removes it in the folder where it was, also when the process works in another', async () => {
    const outcome = await inChild(
      async ({ net, fs }, given: string) => {
        process.chdir(given);
        const listener = await net.listen({ path: 'relative' });
        const was = fs.existsSync(`${given}/relative`);
        process.chdir('/');
        listener.close();
        return [listener.address.path, was, fs.existsSync(`${given}/relative`)];
      },
      { argument: folder },
    );
    expect(outcome).toMatchObject({ code: 0, result: ['relative', true, false] });
  });

  test('closes all the same when its folder has gone', async () => {
    const listener = await listening();
    rmSync(path);
    rmSync(folder, { recursive: true });
    listener.close();
    expect(listener.closed).toBe(true);
    mkdirSync(folder);
  });
});

describe.runIf(process.platform === 'linux')('listen on an abstract name', () => {
  test('makes no file, and the name is free when it is closed', async () => {
    const name = `\0iomux\0${process.pid}`;
    const listener = tracked(await listen({ path: name }));
    expect(listener.address).toEqual({ path: name });
    await expect(listen({ path: name })).rejects.toMatchObject(inUse);
    const python = `
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect('\\0iomux\\0' + sys.argv[1])
s.sendall(b'hello')`;
    const client = run('python3', ['-c', python, String(process.pid)]);
    const stream = tracked(await listener.accept());
    expect(stream.localAddress).toEqual({ path: name });
    expect((await readAll(stream)).toString()).toBe('hello');
    await client;
    listener.close();
    tracked(await listen({ path: name }));
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe.skipIf(process.getuid?.() !== 0)('rights', () => {
  test('are in force for others: who may not write may not connect', async () => {
    const listener = await listening({ mode: 0o600 });
    chmodSync(folder, 0o755);
    const python = `
import os, socket, sys
os.setuid(65534)
try:
    socket.socket(1).connect(sys.argv[1])
except PermissionError:
    print('refused')`;
    expect((await run('python3', ['-c', python, path])).stdout).toBe('refused\n');
    listener.close();
  });
});
