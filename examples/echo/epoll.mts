// An echo server on epoll(7): the kernel keeps the list, receives its changes, and returns only what is
// ready (Linux). Try it with: nc localhost 7000
import { Epoll, EPOLLIN, EPOLLOUT } from 'iomux/epoll';
import { listen } from 'iomux/net';
import { accept, type Client } from './client.mts';

const clients = new Map<number, Client>();
const listener = await listen({ port: Number(process.argv[2] ?? 7000) });
console.log('listening on port', listener.address.port);

const epoll = new Epoll();
epoll.add(listener, EPOLLIN);
for (;;) {
  for (const { data: fd, events } of epoll.wait()) {
    const client = clients.get(fd);
    if (client !== undefined) {
      const before = interestOf(client);
      client.serve(events !== EPOLLOUT); // the read reports what EPOLLERR and EPOLLHUP mean
      if (client.fd === -1)
        clients.delete(fd); // the kernel forgets a closed descriptor by itself
      else if (interestOf(client) !== before) epoll.modify(client, interestOf(client));
    } else {
      const client = accept(listener, clients.size);
      if (client === null) continue;
      clients.set(client.fd, client);
      epoll.add(client, EPOLLIN);
    }
  }
}

function interestOf({ wantsToRead, wantsToWrite }: Client): number {
  return (wantsToRead ? EPOLLIN : 0) | (wantsToWrite ? EPOLLOUT : 0);
}
