import { afterEach, describe, expect, test, vi } from 'vitest';
import { EAGAIN, ECONNABORTED, EINVAL, EPERM } from '../../lib/errors';
import { connect } from '../../lib/net';
import { native } from '../../lib/native';
import { AF_INET, SOCK_STREAM, Socket } from '../../lib/socket';
import { errnoOf } from '../support/errno';
import { tracked } from '../support/opened';
import { listening } from './peers';

// Results of accept(2) on other systems, or by chance: Linux returns a connection that was reset while it
// waited; the BSDs fail with ECONNABORTED. The simulated results are used up one by one, then the kernel's
// own follow.

afterEach(() => {
  vi.restoreAllMocks();
});

describe('accept', () => {
  test.each([
    ['was reset while it waited (ECONNABORTED)', ECONNABORTED],
    ['somebody else has taken (EAGAIN)', EAGAIN],
    ['a firewall forbids (EPERM)', EPERM],
    ['an ICMP message has ended (EHOSTDOWN)', errnoOf('EHOSTDOWN')],
  ])('goes on after a connection that %s', async (_, answer) => {
    const { listener, port } = await listening();
    const accept = vi.spyOn(native, 'accept').mockReturnValueOnce(answer);
    tracked(await connect({ host: '127.0.0.1', port }));
    const stream = tracked(await listener.accept());
    expect(stream.closed).toBe(false);
    expect(accept).toHaveBeenCalledTimes(2);
  });

  test('rejects with any other error of the kernel, and may be called again', async () => {
    const { listener, port } = await listening();
    vi.spyOn(native, 'accept').mockReturnValueOnce(EINVAL);
    const { fd } = listener;
    await expect(listener.accept()).rejects.toMatchObject({
      message: 'EINVAL: invalid argument, accept',
      code: 'EINVAL',
      syscall: 'accept',
      fd,
    });
    tracked(await connect({ host: '127.0.0.1', port }));
    tracked(await listener.accept());
  });

  test('of a listener warns of what all are lost to, pauses meanwhile, and goes on', async () => {
    const { listener, port } = await listening();
    tracked(await connect({ host: '127.0.0.1', port }));
    const accept = vi.spyOn(native, 'accept').mockReturnValue(EPERM);
    const warned = new Promise((resolve) => {
      vi.spyOn(process, 'emitWarning').mockImplementation(resolve);
    });
    const accepting = listener.accept();
    const { fd } = listener;
    expect(await warned).toMatchObject({ code: 'EPERM', syscall: 'accept', fd });
    const calls = accept.mock.calls.length;
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(accept).toHaveBeenCalledTimes(calls);
    vi.restoreAllMocks();
    tracked(await accepting);
  });

  test('of a Socket passes over what is lost, and rejects with what all are lost to', async () => {
    const server = tracked(new Socket(AF_INET, SOCK_STREAM));
    server.bind({ address: '127.0.0.1', port: 0, family: 'IPv4' });
    server.listen();
    const client = tracked(new Socket(AF_INET, SOCK_STREAM));
    await client.connect(server.localAddress ?? { path: '' });
    // Then something else: no time limit of a test would end an endless synchronous loop.
    const accept = vi.spyOn(native, 'accept').mockReturnValue(EINVAL);
    for (let i = 0; i < 1000; i++) accept.mockReturnValueOnce(EPERM);
    const { fd } = server;
    await expect(server.accept()).rejects.toMatchObject({ code: 'EPERM', syscall: 'accept', fd });
    vi.restoreAllMocks();
    vi.spyOn(native, 'accept').mockReturnValueOnce(EPERM).mockReturnValueOnce(ECONNABORTED);
    tracked(await server.accept());
  });
});
