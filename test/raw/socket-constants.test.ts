import { expect, test } from 'vitest';
import { native } from '../../lib/native';
import * as constants from '../../lib/raw/socket-constants';
import * as socket from '../../lib/socket';

/** Numbers of the addon that no header of sockets has. */
const OTHERS =
  /^(POLL|FILE_|S_IF|O_|P_PID|SIGRT|FD_SETSIZE|MOST_|HAS_|FAMILY_OFFSET|UNIX_PATH_LENGTH|SHARE_PORT|ETOOMANYREFS)/;

test('every constant that the system has is exported by its name, with its value', () => {
  const system = Object.entries(native as object).filter(
    ([name, value]) => typeof value === 'number' && !OTHERS.test(name),
  );
  expect(system.length).toBeGreaterThan(80);
  for (const [name, value] of system) {
    expect(constants, name).toHaveProperty(name, value);
    expect(socket, name).toHaveProperty(name, value);
  }
});

test('what the system lacks is there, and undefined', () => {
  const lacking = Object.entries(constants).filter(([name]) => !(name in native));
  for (const [, value] of lacking) expect(value).toBeUndefined();
  // No system has all of them.
  expect(lacking.length).toBeGreaterThan(0);
});
