import { createSocket } from 'node:dgram';

import { serveUntilInputEnds } from '../servers/lifecycle';

/** How many are sent before the event loop, and with it the harness, gets a turn. */
const TURN = 64;

const [address = '', size = ''] = process.argv.slice(2);
const payload = Buffer.alloc(Number(size), 'x');
const socket = createSocket('udp4');
let datagrams = 0;

// The fastest form there is: connected, and without a callback each. libuv sends at once.
function sendSome(): void {
  for (let i = 0; i < TURN; i += 1) socket.send(payload);
  datagrams += TURN;
  setImmediate(sendSome);
}

socket.connect(Number(address), '127.0.0.1', () => {
  serveUntilInputEnds(address, () => ({ datagrams, bytes: datagrams * payload.length }));
  sendSome();
});
