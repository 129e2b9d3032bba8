import { writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Poller, READABLE, Reactor, readable, register } from '../../lib/index';
import { Epoll, EPOLLIN } from '../../lib/epoll';
import { pipe } from '../support/descriptors';

// A descriptor has one registration in a multiplexer, but may be in any number of multiplexers.

test('a descriptor is watched by everybody at once: nobody takes it from the others', async () => {
  const [reader, writer] = pipe();
  const other = new Reactor();
  const poller = new Poller();
  const epoll = new Epoll();
  poller.add(reader, READABLE);
  epoll.add(reader, EPOLLIN);
  let calls = 0;
  const registration = register(reader, READABLE, () => {
    calls++;
    registration.close();
  });
  const all = [readable(reader), other.readable(reader), poller.ready(), epoll.ready()];
  writeSync(writer, 'x');
  await Promise.all(all);
  expect(calls).toBe(1);
  for (const handle of [other, poller, epoll]) handle.close();
});
