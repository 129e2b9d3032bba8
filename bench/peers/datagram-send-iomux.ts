import { Datagram } from 'iomux/net';

import { listenOptions, serveUntilInputEnds } from '../servers/lifecycle';
import { bytesOf, payloadsOf } from './payloads';

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
    else for (const payload of payloads) await socket.send(payload);
    turns += 1;
  }
}

void main();
