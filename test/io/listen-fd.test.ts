import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect as netConnect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type FdListenOptions, inheritedDescriptors, listen } from '../../lib/net';
import { AF_UNIX, SOCK_SEQPACKET, Socket as RawSocket } from '../../lib/socket';
import { close, isOpen, pipe } from '../support/descriptors';
import { inChild } from '../support/child';
import { programOf } from '../support/example';
import { temporary, tracked } from '../support/opened';
import { listening, readAll } from './peers';

const EXAMPLE = programOf('socket-activation');

// Opens a socket like a service manager, and execs the program that inherits it.
const MANAGER = `
import os, socket, sys
family, address, variables, program = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
s = socket.socket(socket.AF_UNIX if family == 'unix' else socket.AF_INET)
s.bind(address if family == 'unix' else ('127.0.0.1', int(address)))
s.listen()
os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
for variable in variables.split():
    name, value = variable.split('=')
    os.environ[name] = value.replace('PID', str(os.getpid()))
os.execvp(program[0], program)`;

/** Both have the same open socket; the other one is a duplicate of the number. */
async function shared(): Promise<{ fd: number; port: number }> {
  const { listener, port } = await listening();
  return { fd: listener.share(), port };
}

describe('listen on a descriptor', () => {
  test('accepts what comes to a socket that listens already, and closes it', async () => {
    const { fd, port } = await shared();
    const listener = tracked(await listen({ fd }));
    expect(listener).toMatchObject({ fd, address: { address: '127.0.0.1', port } });
    const socket = tracked(netConnect({ host: '127.0.0.1', port }));
    const stream = tracked(await listener.accept());
    await stream.write('hello');
    expect(String(await once(socket, 'data'))).toBe('hello');
    listener.close();
    expect(isOpen(fd)).toBe(false);
  });

  test('makes it non-blocking and close-on-exec', async () => {
    const under = ['python3', '-c', MANAGER, 'inet', '0', ''];
    const outcome = await inChild(
      async ({ net, descriptors: tools }) => {
        const before = tools.flags(3).nonBlocking;
        const listener = await net.listen({ fd: 3 });
        const flags = tools.flags(3);
        listener.close();
        return { before, ...flags };
      },
      { under },
    );
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.result).toEqual({ before: false, nonBlocking: true, closeOnExec: true });
  });

  test('refuses one that does not listen, and leaves it as it was', async () => {
    const under = ['python3', '-c', MANAGER.replace('s.listen()', ''), 'inet', '0', ''];
    const outcome = await inChild(
      async ({ net, descriptors: tools }) => {
        const before = tools.flags(3);
        const failure = await net
          .listen({ fd: 3 })
          .catch((error: unknown) => (error as Error).message);
        return { failure, before, after: tools.flags(3) };
      },
      { under },
    );
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    const { before, ...result } = outcome.result as { before: { nonBlocking: boolean } };
    expect(before.nonBlocking).toBe(false);
    expect(result).toEqual({ failure: 'EINVAL: invalid argument, accept', after: before });
  });

  test('refuses what is no socket, or not open', async () => {
    const [fd] = pipe();
    await expect(listen({ fd })).rejects.toMatchObject({ code: 'ENOTSOCK', fd });
    expect(isOpen(fd)).toBe(true);
    close(fd);
    await expect(listen({ fd })).rejects.toMatchObject({ code: 'EBADF', fd });
  });

  test('refuses the descriptor of another handle, which would be closed twice', async () => {
    const { listener } = await listening();
    await expect(listen({ fd: listener.fd })).rejects.toMatchObject({ code: 'ERR_BUSY' });
    expect(listener.closed).toBe(false);
    expect(isOpen(listener.fd)).toBe(true);
  });

  test.runIf(process.platform === 'linux')('refuses a listener for messages', async () => {
    const server = tracked(new RawSocket(AF_UNIX, SOCK_SEQPACKET));
    server.bind({ path: '' });
    server.listen();
    const fd = server.detach();
    await expect(listen({ fd })).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
    expect(isOpen(fd)).toBe(true);
    close(fd);
  });

  test('refuses options that are not right', async () => {
    const wrong: [unknown, string][] = [
      [{ fd: '3' }, 'ERR_INVALID_ARG_TYPE'],
      [{ fd: -1 }, 'ERR_OUT_OF_RANGE'],
      [{ fd: 1.5 }, 'ERR_OUT_OF_RANGE'],
      [{ fd: 3, backlog: 5 }, 'ERR_INVALID_ARG_VALUE'],
      [{ fd: 3, port: 0 }, 'ERR_INVALID_ARG_VALUE'],
    ];
    for (const [options, code] of wrong) {
      await expect(listen(options as FdListenOptions)).rejects.toMatchObject({ code });
    }
  });
});

describe('inheritedDescriptors', () => {
  const script = async ({ net }: { net: typeof import('../../lib/net') }): Promise<unknown> => {
    const first = net.inheritedDescriptors();
    const listeners = await Promise.all(first.map(({ fd }) => net.listen({ fd })));
    const families = listeners.map(({ address }) => address?.family ?? address?.path);
    for (const listener of listeners) listener.close();
    const left = Object.keys(process.env).filter((name) => name.startsWith('LISTEN_'));
    return { first, families, again: net.inheritedDescriptors(), left };
  };
  test.each([
    ['', 'unknown'],
    ['LISTEN_FDNAMES=http', 'http'],
    ['LISTEN_FDNAMES=', 'unknown'],
  ])('are what the service manager has opened for this process: %s', async (names, name) => {
    const variables = `LISTEN_PID=PID LISTEN_FDS=1 ${names}`;
    const under = ['python3', '-c', MANAGER, 'inet', '0', variables];
    expect(await inChild(script, { under })).toMatchObject({
      code: 0,
      stderr: '',
      result: { first: [{ fd: 3, name }], families: ['IPv4'], again: [], left: [] },
    });
  });

  test.each([
    { LISTEN_PID: '1', LISTEN_FDS: '1' },
    { LISTEN_FDS: '1' },
    { LISTEN_PID: String(process.pid) },
    {},
  ])('are none where they are not for this process: %j', (variables) => {
    Object.assign(process.env, variables);
    expect([inheritedDescriptors(), inheritedDescriptors()]).toEqual([[], []]);
    expect(Object.keys(process.env).filter((name) => name.startsWith('LISTEN_'))).toEqual([]);
  });
});

describe.skipIf(spawnSync('systemd-socket-activate', ['--version']).status !== 0)(
  'the example of socket activation, under systemd-socket-activate',
  () => {
    test('greets who connects, and ends when all are served', async () => {
      const path = temporary('socket');
      const program = [process.execPath, EXAMPLE];
      const manager = spawn('systemd-socket-activate', ['--fdname=hello', '-l', path, ...program], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let stdout = '';
      manager.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
      // It has printed where it listens; with the first connection it execs the program.
      await once(manager.stderr, 'data');
      const first = tracked(netConnect(path));
      expect(await nextLine(first)).toBe('What is your name? ');
      manager.kill('SIGTERM');
      first.write('Ada\n');
      expect(await nextLine(first)).toBe('Hello, Ada!\n');
      const [code] = (await once(manager, 'close')) as [number | null];
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: `listening on hello { path: '${path}' }\n`,
      });
    });
  },
);

async function nextLine(socket: Socket): Promise<string> {
  return String(await once(socket, 'data'));
}

test('a descriptor that is shared goes on when the other is closed', async () => {
  const { listener, port } = await listening();
  const other = tracked(await listen({ fd: listener.share() }));
  const early = tracked(netConnect({ host: '127.0.0.1', port }));
  await once(early, 'connect');
  listener.close();
  expect(() => listener.share()).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
  const stream = tracked(await other.accept());
  early.end('waited');
  expect(String(await readAll(stream))).toBe('waited');
});
