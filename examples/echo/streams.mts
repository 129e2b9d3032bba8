// An echo server on streams, which do the waiting: only the protocol is left.
// Try it with: nc localhost 7000
import { listen, type Stream } from 'iomux/net';

const MOST_CLIENTS = 900;

const listener = await listen({ port: Number(process.argv[2] ?? 7000) });
console.log('listening on port', listener.address.port);

// Closes the stream when `echo` has ended, or has failed because the client reset it.
await listener.serve(echo, { maxConnections: MOST_CLIENTS });

async function echo(stream: Stream): Promise<void> {
  const buffer = Buffer.alloc(65536);
  for (let count; (count = await stream.read(buffer)) > 0;) await stream.write(buffer, 0, count);
}
