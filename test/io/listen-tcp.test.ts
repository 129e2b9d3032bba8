import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect as netConnect } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { connect, listen, type TcpListenOptions } from '../../lib/net';
import { openDescriptors } from '../support/descriptors';
import { tracked } from '../support/opened';

const run = promisify(execFile);

async function listening(o: Partial<TcpListenOptions>): Promise<number> {
  const listener = tracked(await listen({ port: 0, ...o }));
  void listener.serve((stream) => stream.write('hello'));
  return listener.address.port;
}

describe('listen on a port', () => {
  test('serves curl over IPv4 and IPv6', async () => {
    const listener = tracked(await listen({ port: 0 }));
    void listener.serve(async (stream) => {
      await stream.read(Buffer.alloc(4096));
      await stream.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
    });
    const port = listener.address.port;
    for (const host of ['127.0.0.1', '[::1]']) {
      const { stdout } = await run('curl', ['-sS', '--noproxy', '*', `http://${host}:${port}/`], {
        // Not under the sanitizer that this process may be under.
        env: { ...process.env, LD_PRELOAD: '' },
      });
      expect(stdout).toBe('hello');
    }
  });

  test('with ipv6Only leaves IPv4 to others', async () => {
    // Free in both: a port of IPv6 alone may be another program's in IPv4.
    const both = await listen({ port: 0 });
    const port = both.address.port;
    both.close();
    await listening({ port, ipv6Only: true });
    tracked(await connect({ host: '::1', port }));
    const refused = connect({ host: '127.0.0.1', port });
    await expect(refused).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await listening({ host: '0.0.0.0', port });
    tracked(await connect({ host: '127.0.0.1', port }));
  });

  test('of every IPv6 address takes IPv4 as well, unless told', async () => {
    const port = await listening({ host: '::' });
    tracked(await connect({ host: '127.0.0.1', port }));
    const taken = listen({ host: '0.0.0.0', port });
    await expect(taken).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('takes a name, of either family', async () => {
    const port = await listening({ host: 'localhost' });
    tracked(await connect({ host: 'localhost', port }));
    const unknown = listen({ host: 'no such name', port: 0 });
    await expect(unknown).rejects.toMatchObject({ code: 'ENOTFOUND', syscall: 'getaddrinfo' });
  });

  // macOS would give all connections to one of them.
  test.skipIf(process.platform === 'darwin')(
    'shares it with others if all say reusePort, and only then',
    async () => {
      const port = await listening({ host: '127.0.0.1', reusePort: true });
      await listening({ host: '127.0.0.1', port, reusePort: true });
      const before = openDescriptors().length;
      const alone = listen({ host: '127.0.0.1', port });
      await expect(alone).rejects.toMatchObject({ code: 'EADDRINUSE' });
      expect(openDescriptors()).toHaveLength(before);
      for (let i = 0; i < 10; i++) {
        const socket = tracked(netConnect({ host: '127.0.0.1', port }));
        expect(String(await once(socket, 'data'))).toBe('hello');
      }
    },
  );

  test('is rejected when its signal aborts before it listens, and has no effect on a listener', async () => {
    const before = openDescriptors().length;
    const aborted = { signal: AbortSignal.abort() };
    for (const o of [{ port: 0 }, { path: '/nowhere/sock' }, { fd: 0 }] as const) {
      await expect(listen(o as TcpListenOptions, aborted)).rejects.toBe(aborted.signal.reason);
    }
    const controller = new AbortController();
    const listening = listen({ host: 'localhost', port: 0 }, { signal: controller.signal });
    controller.abort();
    await expect(listening).rejects.toBe(controller.signal.reason);
    // The look-up of the name, which nothing can stop, opens files.
    await vi.waitFor(() => expect(openDescriptors()).toHaveLength(before));
    const later = new AbortController();
    const listener = tracked(
      await listen({ host: 'localhost', port: 0 }, { signal: later.signal }),
    );
    later.abort();
    expect(listener.closed).toBe(false);
  });

  test('refuses options that are not right, or do not belong together', async () => {
    const wrong: [unknown, string][] = [
      [{ port: 0, reusePort: 1 }, 'ERR_INVALID_ARG_TYPE'],
      [{ port: 0, ipv6Only: 'yes' }, 'ERR_INVALID_ARG_TYPE'],
      [{ port: 0, host: '127.0.0.1', ipv6Only: true }, 'ERR_INVALID_ARG_VALUE'],
      [{ port: 0, mode: 0o600 }, 'ERR_INVALID_ARG_VALUE'],
      [{ port: 0, fd: 3 }, 'ERR_INVALID_ARG_VALUE'],
      [{ port: 0, path: '/tmp/x' }, 'ERR_INVALID_ARG_VALUE'],
      [{ host: '127.0.0.1' }, 'ERR_INVALID_ARG_TYPE'],
    ];
    const before = openDescriptors().length;
    for (const [options, code] of wrong) {
      await expect(listen(options as TcpListenOptions)).rejects.toMatchObject({ code });
    }
    expect(openDescriptors()).toHaveLength(before);
  });
});
