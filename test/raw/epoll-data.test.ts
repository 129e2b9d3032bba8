import { writeSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Epoll, EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRBAND, EPOLLWRNORM } from '../../lib/epoll';
import { native } from '../../lib/native';
import { pipe, socketPair } from '../support/descriptors';

const NOW = { timeout: 0 };

describe.runIf(native.backend === 'epoll')('what crosses', () => {
  test('data is any safe integer, to the last bit', () => {
    using epoll = new Epoll();
    const [, writer] = pipe();
    epoll.add(writer, EPOLLOUT);
    const edges = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER];
    fc.assert(
      fc.property(fc.maxSafeNat(), (data) => {
        epoll.modify(writer, EPOLLOUT, data);
        expect(epoll.wait(NOW)).toEqual([{ events: EPOLLOUT, data }]);
      }),
      { numRuns: 1000, examples: edges.map((data) => [data]) },
    );
  });

  test('each of many descriptors has its own', () => {
    using epoll = new Epoll();
    const expected = Array.from({ length: 50 }, (_, i) => {
      const [, writer] = pipe();
      const data = i * 2 ** 45 + i;
      epoll.add(writer, EPOLLOUT, data);
      return data;
    });
    const data = epoll.wait(NOW).map((event) => event.data);
    expect(data.sort((a, b) => a - b)).toEqual(expected);
  });

  test.each([
    ['EPOLLIN', EPOLLIN],
    ['EPOLLOUT', EPOLLOUT],
    ['EPOLLRDNORM', EPOLLRDNORM],
    ['EPOLLWRNORM', EPOLLWRNORM],
    ['EPOLLWRBAND', EPOLLWRBAND],
  ])('%s comes back when it is asked for, alone', (_, flag) => {
    using epoll = new Epoll();
    const [socket, peer] = socketPair();
    writeSync(peer, 'x');
    epoll.add(socket, flag);
    expect(epoll.wait(NOW)).toEqual([{ events: flag, data: socket }]);
  });
});
