import { Datagram } from 'iomux/net';

import { listenOptions, serveUntilInputEnds } from '../servers/lifecycle';

const LONGEST = 65536;

async function main(): Promise<void> {
  const [, method, address = ''] = process.argv.slice(2);
  const socket = await Datagram.bind(listenOptions(address));
  let datagrams = 0;
  let bytes = 0;
  serveUntilInputEnds(socket.localAddress, () => ({ datagrams, bytes }));
  if (method === 'receiveMany') {
    for (;;) {
      for (const { data } of await socket.receiveMany()) {
        datagrams += 1;
        bytes += data.length;
      }
    }
  }
  const into = Buffer.allocUnsafe(LONGEST);
  for (;;) {
    const { length } = await socket.receive(into);
    datagrams += 1;
    bytes += length;
  }
}

void main();
