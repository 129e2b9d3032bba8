import { connect } from 'node:net';

import { patternChunk } from './bulk-pattern';
import { listenOptions, serveUntilInputEnds } from './lifecycle';

const address = process.argv[2] ?? '';
const chunk = patternChunk();

function send(): void {
  while (socket.write(chunk));
}

const socket = connect({ ...listenOptions(address), noDelay: true }, () => {
  serveUntilInputEnds(address, () => ({ bytes: socket.bytesWritten }));
  socket.on('drain', send);
  send();
});
