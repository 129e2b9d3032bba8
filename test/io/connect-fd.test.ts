import { writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { native } from '../../lib/native';
import { connect, type FdOptions } from '../../lib/net';
import { descriptors, isOpen, owned, pipe, socketPair, tcpPair } from '../support/descriptors';
import { tracked } from '../support/opened';
import { pair, readBytes } from './peers';

describe('connect to a descriptor', () => {
  test.for([
    ['TCP', tcpPair],
    ['Unix', socketPair],
  ] as const)('takes over a connected socket: %s', async ([, open]) => {
    const [fd, peer] = open();
    // The stream closes it, and nobody else does.
    const ours = descriptors.dup(fd);
    const stream = tracked(await connect({ fd: ours }));
    expect(stream.fd).toBe(ours);
    writeSync(peer, 'hello');
    expect((await readBytes(stream, 5)).toString()).toBe('hello');
    await stream.close();
    expect(isOpen(ours)).toBe(false);
  });

  test('refuses what is no connected stream socket, and leaves it as it is', async () => {
    const [reader] = pipe();
    const [datagram] = socketPair(false);
    const unconnected = native.socket(native.AF_INET, native.SOCK_STREAM, 0);
    tracked({ close: () => native.close(unconnected) });
    const { ours } = await pair();
    const closed = descriptors.dup(reader);
    descriptors.close(closed);
    for (const [fd, code, syscall] of [
      [reader, 'ENOTSOCK', 'getpeername'],
      [closed, 'EBADF', 'getpeername'],
      [unconnected, 'ENOTCONN', 'getpeername'],
      [datagram, 'ERR_INVALID_ARG_VALUE', undefined],
      [ours.fd, 'ERR_BUSY', undefined],
    ] as const) {
      const flags = fd === closed ? undefined : descriptors.flags(fd);
      const error: unknown = await connect({ fd }).catch((reason: unknown) => reason);
      expect(error).toMatchObject(syscall === undefined ? { code } : { code, syscall, fd });
      if (fd !== closed) expect(descriptors.flags(fd)).toEqual(flags);
    }
  });

  test('takes nothing over when it is aborted before', async () => {
    const [fd] = owned(descriptors.socketPair(true));
    const reason = new Error('enough');
    await expect(connect({ fd }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    tracked(await connect({ fd: descriptors.dup(fd) }));
  });

  test.for<[unknown, string]>([
    [{ fd: '1' }, 'ERR_INVALID_ARG_TYPE'],
    [{ fd: null }, 'ERR_INVALID_ARG_TYPE'],
    [{ fd: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ fd: 1, port: 80 }, 'ERR_INVALID_ARG_VALUE'],
  ])('refuses %o', async ([options, code]) => {
    await expect(connect(options as FdOptions)).rejects.toMatchObject({ code });
  });
});
