import { serveUntilInputEnds } from '../servers/lifecycle';
import { payloadsOf } from './payloads';
import { unixDgram } from './unix-dgram';

/** What the package says of a datagram that it has not sent, since the receiver's queue was full. */
const CONGESTION = 1;

const [sizes = '', path = ''] = process.argv.slice(2);
const payloads = payloadsOf(sizes);
const socket = unixDgram.createSocket('unix_dgram');
let datagrams = 0;
let bytes = 0;

/** Sends some, from one of them on, and gives the event loop its turn; waits while there is no room. */
function sendFrom(first: number): void {
  for (let index = first; index < payloads.length; index += 1) {
    const payload = payloads[index] ?? Buffer.alloc(0);
    let failure: number | string | undefined;
    socket.send(payload, (error) => (failure = error?.code));
    if (failure === CONGESTION) {
      socket.once('writable', () => {
        sendFrom(index);
      });
      return;
    }
    if (failure !== undefined) throw new Error(`unix-dgram cannot send: ${String(failure)}`);
    datagrams += 1;
    bytes += payload.length;
  }
  setImmediate(sendFrom, 0);
}

socket.connect(path);
serveUntilInputEnds(path, () => ({ datagrams, bytes }));
sendFrom(0);
