// An echo server on poll(2): one list, of any descriptors, with the events wanted of each. Every wait
// still passes all of it. Try it with: nc localhost 7000
import { listen } from 'iomux/net';
import { poll, POLLIN, POLLOUT } from 'iomux/select';
import { accept, Client } from './client.mts';

const clients = new Set<Client>();
const listener = await listen({ port: Number(process.argv[2] ?? 7000) });
console.log('listening on port', listener.address.port);

for (;;) {
  const waiting = [...clients].map((source) => ({ source, events: interestOf(source) }));
  for (const { source, revents } of poll([{ source: listener, events: POLLIN }, ...waiting])) {
    if (source instanceof Client) {
      source.serve(revents !== POLLOUT); // the read reports what POLLERR and POLLHUP mean
      if (source.fd === -1) clients.delete(source);
    } else {
      const client = accept(listener, clients.size);
      if (client !== null) clients.add(client);
    }
  }
}

function interestOf({ wantsToRead, wantsToWrite }: Client): number {
  return (wantsToRead ? POLLIN : 0) | (wantsToWrite ? POLLOUT : 0);
}
