import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EINVAL } from '../../lib/errors';
import { native } from '../../lib/native';
import { Pidfd } from '../../lib/raw/pidfd';
import { descriptors } from '../support/descriptors';
import { holdChild } from '../support/held-child';
import { kernelTellsOfReaped } from '../support/reaped';
import { testSystemProcess } from './system-process';

describe.runIf(native.backend === 'epoll')('a pidfd', () => {
  testSystemProcess((pid) => new Pidfd(pid));

  test('is close-on-exec', () => {
    const own = new Pidfd(process.pid);
    expect(descriptors.flags(own.owned.fd).closeOnExec).toBe(true);
    own.owned.close();
  });

  test('is not there for a thread', () => {
    const thread = readdirSync('/proc/self/task')
      .map(Number)
      .find((id) => id !== process.pid);
    expect(() => new Pidfd(thread ?? 0)).toThrow(
      expect.objectContaining({ code: 'ESRCH', syscall: 'pidfd_open' }),
    );
  });
});

describe.runIf(native.backend === 'epoll')(
  'a pidfd on Linux 5.3, which has no waitid for it',
  () => {
    beforeEach(() => {
      const { childStatus, P_PIDFD } = native;
      vi.spyOn(native, 'childStatus').mockImplementation((type, id) =>
        type === P_PIDFD ? EINVAL : childStatus(type, id),
      );
    });
    afterEach(() => {
      vi.restoreAllMocks();
    });

    testSystemProcess((pid) => new Pidfd(pid));
  },
);

// Older kernels do not report it.
describe.runIf(native.backend === 'epoll')('a pidfd of a child that was reaped first', () => {
  test.each([
    ['exit 7', 7 << 8],
    ['kill -KILL $$', 9],
  ])(
    'tells that it has ended with `%s` where the kernel knows, else nothing',
    async (command, status) => {
      const child = holdChild(command);
      const process = new Pidfd(child.pid);
      child.letGo();
      await once(child, 'exit');
      expect(process.status()).toBe(kernelTellsOfReaped ? status : null);
      process.owned.close();
    },
  );
});
