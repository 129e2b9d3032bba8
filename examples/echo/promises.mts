// An echo server on promises of readiness: each client is a task, whose local variables replace the table
// of clients, and a wait replaces the queue. Try it with: nc localhost 7000
import { readable, writable } from 'iomux';
import { listen, type Stream } from 'iomux/net';

const MOST_CLIENTS = 900;

let clients = 0;
const listener = await listen({ port: Number(process.argv[2] ?? 7000) });
console.log('listening on port', listener.address.port);

for (;;) {
  await readable(listener);
  const stream = listener.tryAccept();
  if (stream !== null && clients < MOST_CLIENTS) void serve(stream);
  else stream?.destroy();
}

async function serve(stream: Stream): Promise<void> {
  clients++;
  try {
    await echo(stream);
  } catch {
    // The client has reset the connection.
  } finally {
    clients--;
    stream.destroy();
  }
}

async function echo(stream: Stream): Promise<void> {
  const buffer = Buffer.alloc(65536);
  for (;;) {
    await readable(stream);
    const count = stream.tryRead(buffer);
    if (count === 0) return;
    for (let sent = 0; sent < count;) {
      const taken = stream.tryWrite(buffer.subarray(sent, count));
      if (taken >= 0) sent += taken;
      else await writable(stream);
    }
  }
}
