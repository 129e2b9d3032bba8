import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as netConnect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { encodeUnix } from '../../lib/io/address';
import { native } from '../../lib/native';
import { connect } from '../../lib/net';
import { openDescriptors } from '../support/descriptors';
import { afterTurns, PENDING } from '../support/turns';
import { tracked } from '../support/opened';
import { readAll, readBytes } from './peers';

const folder = mkdtempSync(join(tmpdir(), 'iomux-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let paths = 0;
function freshPath(): string {
  return join(folder, `${++paths}.sock`);
}

/** A server of Node's that sends back what it gets. */
async function echoing(path: string): Promise<Server> {
  const server = tracked(createServer((socket) => socket.pipe(socket)));
  server.listen(path);
  await once(server, 'listening');
  return server;
}

/** Listens with a backlog of 0, in which one connection finds room. */
function listeningTightly(path: string): { accept: () => number } {
  const fd = native.socket(native.AF_UNIX, native.SOCK_STREAM, 0);
  tracked({ close: () => native.close(fd) });
  expect(native.bind(fd, encodeUnix('path', path))).toBe(0);
  expect(native.listen(fd, 0)).toBe(0);
  return {
    accept: () => {
      const accepted = native.accept(fd);
      tracked({ close: () => native.close(accepted) });
      return accepted;
    },
  };
}

/** A server in Python that sends back what it gets, once it has said that it listens. */
async function pythonEchoing(path: string): Promise<void> {
  const program = `
import asyncio, sys
async def echo(reader, writer):
    writer.write(await reader.read(-1))
    await writer.drain()
    writer.close()
async def main():
    await asyncio.start_unix_server(echo, sys.argv[1].replace('@', chr(0)))
    print('listening', flush=True)
    await asyncio.Event().wait()
asyncio.run(main())`;
  const child: ChildProcess = spawn('python3', ['-c', program, path.replaceAll('\0', '@')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  tracked({ close: () => child.kill() });
  if (child.stdout !== null) await once(child.stdout, 'data');
}

describe('connect to a Unix socket', () => {
  test('reaches a server of Node’s by its path', async () => {
    const path = freshPath();
    await echoing(path);
    const stream = tracked(await connect({ path }));
    expect(stream.remoteAddress).toEqual({ path });
    expect(stream.localAddress).toEqual({ path: '' });
    await stream.write('hello');
    expect((await readBytes(stream, 5)).toString()).toBe('hello');
  });

  test('reaches a server of Python’s asyncio, and carries more than the buffers hold', async () => {
    const path = freshPath();
    await pythonEchoing(path);
    const stream = tracked(await connect({ path }));
    const sent = Buffer.alloc(1_000_000, 'abc');
    await stream.write(sent);
    await stream.shutdown();
    expect((await readAll(stream)).equals(sent)).toBe(true);
  });

  test.runIf(process.platform === 'linux')(
    'reaches abstract names, with NUL bytes inside as well, without a file',
    async () => {
      for (const path of [`\0iomux-${process.pid}`, `\0iomux\0${process.pid}\0`]) {
        await pythonEchoing(path);
        const stream = tracked(await connect({ path }));
        expect(stream.remoteAddress).toEqual({ path });
        await stream.write('hello');
        await stream.shutdown();
        expect((await readAll(stream)).toString()).toBe('hello');
      }
    },
  );

  test('is ENOENT where there is no file, and leaves no descriptor', async () => {
    const path = freshPath();
    const before = openDescriptors().length;
    await expect(connect({ path })).rejects.toMatchObject({
      message: `ENOENT: no such file or directory, connect ${path}`,
      code: 'ENOENT',
      syscall: 'connect',
      address: path,
    });
    expect(openDescriptors()).toHaveLength(before);
  });

  test('is ECONNREFUSED where nobody listens any more, or nobody ever did', async () => {
    const stale = freshPath();
    const fd = native.socket(native.AF_UNIX, native.SOCK_STREAM, 0);
    expect(native.bind(fd, encodeUnix('path', stale))).toBe(0);
    native.close(fd);
    await expect(connect({ path: stale })).rejects.toMatchObject({
      message: `ECONNREFUSED: connection refused, connect ${stale}`,
      address: stale,
    });
    const file = freshPath();
    writeFileSync(file, '');
    const code = process.platform === 'linux' ? 'ECONNREFUSED' : 'ENOTSOCK';
    await expect(connect({ path: file })).rejects.toMatchObject({ code, address: file });
  });

  test('fails as node:net fails', async () => {
    const path = freshPath();
    const [theirs] = (await once(netConnect(path), 'error')) as [NodeJS.ErrnoException];
    const ours = await connect({ path }).catch((error: unknown) => error);
    const { code, errno, syscall, address } = theirs as { address?: string } & typeof theirs;
    expect(ours).toMatchObject({ code, errno, syscall, address });
  });

  test.runIf(process.platform === 'linux')('waits while the backlog is full', async () => {
    const path = freshPath();
    const listener = listeningTightly(path);
    tracked(await connect({ path }));
    const connecting = connect({ path });
    expect(await afterTurns(connecting)).toBe(PENDING);
    expect(listener.accept()).toBeGreaterThan(0);
    expect(tracked(await connecting).remoteAddress).toEqual({ path });
  });

  test.runIf(process.platform === 'linux')(
    'can be aborted while it waits for the backlog, and leaves no descriptor',
    async () => {
      const path = freshPath();
      listeningTightly(path);
      tracked(await connect({ path }));
      const before = openDescriptors().length;
      const controller = new AbortController();
      const connecting = connect({ path }, { signal: controller.signal });
      expect(await afterTurns(connecting)).toBe(PENDING);
      const reason = new Error('enough');
      controller.abort(reason);
      await expect(connecting).rejects.toBe(reason);
      expect(openDescriptors()).toHaveLength(before);
    },
  );

  test.for<[unknown, string]>([
    [{ path: 5 }, 'ERR_INVALID_ARG_TYPE'],
    [{ path: null }, 'ERR_INVALID_ARG_TYPE'],
    [{ path: '' }, 'ERR_INVALID_ARG_VALUE'],
    [{ path: 'a\0b' }, 'ERR_INVALID_ARG_VALUE'],
    [{ path: 'a'.repeat(200) }, 'ERR_INVALID_ARG_VALUE'],
    [{ path: '/a', port: 1 }, 'ERR_INVALID_ARG_VALUE'],
    [{ path: '/a', host: 'localhost' }, 'ERR_INVALID_ARG_VALUE'],
    [{ path: '/a', noDelay: false }, 'ERR_INVALID_ARG_VALUE'],
    [{ path: '/a', fd: 0 }, 'ERR_INVALID_ARG_VALUE'],
  ])('refuses %o', async ([options, code]) => {
    await expect(connect(options as { path: string })).rejects.toMatchObject({ code });
  });
});
