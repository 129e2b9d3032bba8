import { READABLE, type Readiness, ready, Signals } from 'iomux';
import { Epoll as NpmEpoll } from 'iomux/compat/epoll';
import { Epoll, EPOLLIN } from 'iomux/epoll';
import { Kqueue } from 'iomux/kqueue';
import { connect, type Stream } from 'iomux/net';
import { select } from 'iomux/select';
import { Socket } from 'iomux/socket';

export async function program(): Promise<string | null> {
  const readiness: Readiness = await ready(0, READABLE);
  const stream: Stream = await connect({ host: '127.0.0.1', port: 7 });
  // @ts-expect-error: a port is a number
  await connect({ host: '127.0.0.1', port: '7' });
  new Epoll().add(stream, EPOLLIN);
  return readiness.readable ? stream.readLine() : null;
}
export const others = [Kqueue, NpmEpoll, select, Socket, Signals];
