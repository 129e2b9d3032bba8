import { expect, test } from 'vitest';
import { native } from '../../lib/native';
import * as constants from '../../lib/raw/socket-constants';
import * as socket from '../../lib/socket';

test('every constant that the system has is exported by its name, with its value', () => {
  const { socketConstants } = native;
  expect(Object.keys(socketConstants).length).toBeGreaterThan(80);
  for (const [name, value] of Object.entries(socketConstants)) {
    expect(constants, name).toHaveProperty(name, value);
    expect(socket, name).toHaveProperty(name, value);
  }
});

test('what the system lacks is there, and undefined', () => {
  const lacking = Object.entries(constants).filter(([name]) => !(name in native.socketConstants));
  for (const [, value] of lacking) expect(value).toBeUndefined();
  // No system has everything.
  expect(lacking.length).toBeGreaterThan(0);
});

test('they are those of the other tables', () => {
  for (const name of ['AF_INET', 'AF_INET6', 'AF_UNIX', 'SOL_SOCKET', 'TCP_NODELAY'] as const) {
    expect(constants[name]).toBe(native[name]);
  }
});
