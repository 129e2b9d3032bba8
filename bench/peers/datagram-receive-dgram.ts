import { createSocket } from 'node:dgram';

import { serveUntilInputEnds } from '../servers/lifecycle';

const [, address = ''] = process.argv.slice(2);
const socket = createSocket('udp4');
let datagrams = 0;
let bytes = 0;

socket.on('message', (message) => {
  datagrams += 1;
  bytes += message.length;
});
socket.bind(Number(address), '127.0.0.1', () => {
  serveUntilInputEnds(socket.address(), () => ({ datagrams, bytes }));
});
