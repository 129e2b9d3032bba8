// An echo server on kqueue(2): reading and writing are separate filters, and changes are passed together
// with the wait (macOS, BSD). Try it with: nc localhost 7000
import { EV_ADD, EV_DELETE, EVFILT_READ, EVFILT_WRITE, Kqueue } from 'iomux/kqueue';
import type { KeventInit } from 'iomux/kqueue';
import { listen } from 'iomux/net';
import { accept, type Client } from './client.mts';

const clients = new Map<number, Client>();
const listener = await listen({ port: Number(process.argv[2] ?? 7000) });
console.log('listening on port', listener.address.port);

const kqueue = new Kqueue();
let changes: KeventInit[] = [{ ident: listener, filter: EVFILT_READ }];
for (;;) {
  const events = kqueue.kevent(changes);
  changes = [];
  for (const { ident: fd, filter } of events) {
    const client = clients.get(fd);
    if (client !== undefined) {
      const { wantsToRead, wantsToWrite } = client;
      client.serve(filter === EVFILT_READ);
      if (client.wantsToRead !== wantsToRead) change(fd, EVFILT_READ, client.wantsToRead);
      if (client.wantsToWrite !== wantsToWrite) change(fd, EVFILT_WRITE, client.wantsToWrite);
      if (client.fd === -1) forget(fd);
    } else {
      const client = accept(listener, clients.size);
      if (client === null) continue;
      clients.set(client.fd, client);
      change(client.fd, EVFILT_READ, true);
    }
  }
}

function change(ident: number, filter: number, on: boolean): void {
  changes.push({ ident, filter, flags: on ? EV_ADD : EV_DELETE });
}

/** The kernel forgets a closed descriptor by itself. */
function forget(fd: number): void {
  clients.delete(fd);
  changes = changes.filter(({ ident }) => ident !== fd);
}
