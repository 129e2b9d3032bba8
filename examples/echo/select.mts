// An echo server on select(2): every wait passes all descriptors, and both the kernel and the program go
// through all of them. Try it with: nc localhost 7000
import { listen } from 'iomux/net';
import { select } from 'iomux/select';
import { accept, Client } from './client.mts';

const clients = new Set<Client>();
const listener = await listen({ port: Number(process.argv[2] ?? 7000) });
console.log('listening on port', listener.address.port);

for (;;) {
  const reading = [...clients].filter((client) => client.wantsToRead);
  const writing = [...clients].filter((client) => client.wantsToWrite);
  const { readable, writable } = select([listener, ...reading], writing, []);
  for (const source of readable) {
    if (source instanceof Client) {
      source.serve(true);
    } else {
      const client = accept(listener, clients.size);
      if (client !== null) clients.add(client);
    }
  }
  for (const client of writable) client.serve(false);
  for (const client of clients) if (client.fd === -1) clients.delete(client);
}
