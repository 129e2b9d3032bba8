import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { release } from 'node:os';
import { describe, expect, test } from 'vitest';
import { native } from '../../lib/native';
import { openPidfd } from '../../lib/raw/pidfd';
import { descriptors } from '../support/descriptors';
import { testSystemProcess } from './system-process';

const [major, minor] = release().split('.').map(Number);
const tellsOfReaped = major > 6 || (major === 6 && minor >= 15);

describe.runIf(native.backend === 'epoll')('a pidfd', () => {
  testSystemProcess(openPidfd);

  test('is close-on-exec', () => {
    const own = openPidfd(process.pid);
    expect(descriptors.flags(own.owned.fd).closeOnExec).toBe(true);
    own.owned.close();
  });

  test('is not there for a thread', () => {
    const thread = readdirSync('/proc/self/task')
      .map(Number)
      .find((id) => id !== process.pid);
    expect(() => openPidfd(thread ?? 0)).toThrow(
      expect.objectContaining({ code: 'ESRCH', syscall: 'pidfd_open' }),
    );
  });
});

// Where the kernel is older, nobody tells.
describe.runIf(native.backend === 'epoll')('a pidfd of a child that was reaped first', () => {
  test.each([
    ['exit 7', 7 << 8],
    ['kill -KILL $$', 9],
  ])(
    'tells that it has ended with `%s` where the kernel knows, else nothing',
    async (command, status) => {
      const child = spawn('sh', ['-c', `read line; ${command}`], {
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      const process = openPidfd(child.pid ?? 0);
      child.stdin.write('\n');
      await once(child, 'exit');
      expect(process.status()).toBe(tellsOfReaped ? status : null);
      process.owned.close();
    },
  );
});
