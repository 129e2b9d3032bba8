import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Epoll } from '../lib/epoll';
import { FileWatch, Poller, READABLE, register, Signals, Timer, Waker } from '../lib/index';
import { Kqueue } from '../lib/kqueue';
import { Socket } from '../lib/socket';
import { descriptors } from './support/descriptors';
import { tracked } from './support/opened';

test('handles say what they are when they are logged, and when they are closed', () => {
  const multiplexer = process.platform === 'linux' ? Epoll : Kqueue;
  for (const make of [
    () => new multiplexer(),
    () => new Timer(),
    () => new Waker(),
    () => new Signals(['SIGUSR2']),
    () => new FileWatch('.'),
  ]) {
    const handle = tracked(make());
    const { name } = handle.constructor;
    expect(inspect(handle)).toBe(`${name} { fd: ${handle.fd} }`);
    handle.close();
    expect(inspect(handle)).toBe(`${name} { fd: -1 }`);
  }
  const poller = tracked(new Poller({ backend: 'poll' }));
  expect(inspect(poller)).toBe("Poller { backend: 'poll', closed: false }");
  const waker = tracked(new Waker());
  const registration = register(waker, READABLE, () => undefined);
  expect(inspect(registration)).toBe(
    `Registration { fd: ${waker.fd}, interest: 1, mode: 'level' }`,
  );
  registration.close();
  expect(inspect(registration)).toBe("Registration { fd: -1, interest: 0, mode: 'level' }");
});

test('a socket whose descriptor was closed behind its back can be logged', () => {
  const [one, other] = Socket.pair().map(tracked);
  const { fd } = one;
  descriptors.close(fd);
  expect(inspect(one)).toBe(
    `Socket { fd: ${fd}, localAddress: undefined, remoteAddress: undefined }`,
  );
  one.close();
  other.close();
});
