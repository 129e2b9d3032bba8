import { createSocket } from 'node:dgram';

import { serveUntilInputEnds } from '../servers/lifecycle';
import { bytesOf, payloadsOf } from './payloads';

const [sizes = '', address = ''] = process.argv.slice(2);
const payloads = payloadsOf(sizes);
const bytes = bytesOf(payloads);
const socket = createSocket('udp4');
let turns = 0;

// The fastest way with node:dgram: connected, and without callbacks. libuv sends at once.
function sendSome(): void {
  for (const payload of payloads) socket.send(payload);
  turns += 1;
  setImmediate(sendSome);
}

socket.connect(Number(address), '127.0.0.1', () => {
  serveUntilInputEnds(address, () => ({
    datagrams: turns * payloads.length,
    bytes: turns * bytes,
  }));
  sendSome();
});
