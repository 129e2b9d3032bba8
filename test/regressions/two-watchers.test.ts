import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { notifyClosing, Poller, READABLE, Reactor, readable, register } from '../../lib/index';
import { Epoll, EPOLLIN } from '../../lib/epoll';
import { pipe } from '../support/descriptors';

// A descriptor belongs to one registration of one multiplexer, and to as many multiplexers as want it.

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

test('a socket of node:net can be waited for, and goes on with node:net', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  for (let round = 0; round < 20; round++) {
    const waiting = readable(fd);
    client.write(`message ${round}`);
    await waiting;
    // Only now does libuv read; whoever reads first would take it from the other.
    const data = once(socket, 'data');
    socket.resume();
    expect(String((await data)[0])).toBe(`message ${round}`);
    socket.pause();
  }
  notifyClosing(fd);
  client.destroy();
  socket.destroy();
  server.close();
  await once(server, 'close');
});
