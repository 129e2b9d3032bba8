import { writable } from 'iomux';
import { Datagram } from 'iomux/net';

import { listenOptions, serveUntilInputEnds } from '../servers/lifecycle';
import { bytesOf, payloadsOf } from './payloads';

/** Sends without a promise for each datagram, and waits only where there is no room. */
async function trySend(socket: Datagram, payloads: readonly Buffer[]): Promise<void> {
  for (const payload of payloads) while (!socket.trySend(payload)) await writable(socket);
  await new Promise(setImmediate);
}

async function main(): Promise<void> {
  const [sizes = '', method, address = ''] = process.argv.slice(2);
  const payloads = payloadsOf(sizes);
  const bytes = bytesOf(payloads);
  const socket = await Datagram.connect(listenOptions(address));
  let turns = 0;
  serveUntilInputEnds(address, () => ({
    datagrams: turns * payloads.length,
    bytes: turns * bytes,
  }));
  for (;;) {
    if (method === 'sendMany') await socket.sendMany(payloads);
    else if (method === 'trySend') await trySend(socket, payloads);
    else for (const payload of payloads) await socket.send(payload);
    turns += 1;
  }
}

void main();
