// An echo server on Poller, which works like epoll on every system: over epoll, kqueue, poll or select.
// Try it with: nc localhost 7000
import { type Interest, Poller, READABLE, WRITABLE } from 'iomux';
import { listen } from 'iomux/net';
import { accept, Client } from './client.mts';

const clients = new Set<Client>();
const listener = await listen({ port: Number(process.argv[2] ?? 7000) });
console.log('listening on port', listener.address.port);

const poller = new Poller();
poller.add(listener, READABLE);
for (;;) {
  for (const { source, readable } of poller.wait()) {
    if (source instanceof Client) {
      const { fd } = source;
      const before = interestOf(source);
      source.serve(readable);
      if (source.fd !== -1) {
        if (interestOf(source) !== before) poller.modify(source, interestOf(source));
      } else {
        clients.delete(source);
        poller.delete(fd);
      }
    } else {
      const client = accept(listener, clients.size);
      if (client === null) continue;
      clients.add(client);
      poller.add(client, READABLE);
    }
  }
}

function interestOf({ wantsToRead, wantsToWrite }: Client): Interest {
  return (wantsToRead ? READABLE : 0) | (wantsToWrite ? WRITABLE : 0);
}
