import { serveUntilInputEnds } from '../servers/lifecycle';
import { unixDgram } from './unix-dgram';

const [, path = ''] = process.argv.slice(2);
let datagrams = 0;
let bytes = 0;
const socket = unixDgram.createSocket('unix_dgram', (message) => {
  datagrams += 1;
  bytes += message.length;
});
socket.bind(path);
serveUntilInputEnds(path, () => ({ datagrams, bytes }));
