// An echo server on poll(2): one list with what each is waited for, of any descriptors. All of it
// still goes into every wait. Try it with: nc localhost 7000
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
      source.serve(revents !== POLLOUT); // POLLERR and POLLHUP are told by the read
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
