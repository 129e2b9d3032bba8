import { serveUntilInputEnds } from '../servers/lifecycle';
import { payloadsOf } from './payloads';
import { unixDgram } from './unix-dgram';

/**
 * The error code of the package for a datagram that it has not sent, since the queue of the receiver was
 * full.
 */
const CONGESTION = 1;

const [sizes = '', path = ''] = process.argv.slice(2);
const payloads = payloadsOf(sizes);
const socket = unixDgram.createSocket('unix_dgram');
let datagrams = 0;
let bytes = 0;

/** Sends the payloads from an index on, and then yields to the event loop; waits while there is no room. */
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
