// Forwards every connection to another address, both ways, at the pace of the slower side.
// Usage: tcp-forwarder.ts PORT HOST:PORT
import { connect, listen, type Stream } from 'iomux/net';

const [port = '7001', target = 'localhost:80'] = process.argv.slice(2);
const colon = target.lastIndexOf(':');
const [targetHost, targetPort] = [target.slice(0, colon), Number(target.slice(colon + 1))];

const listener = await listen({ port: Number(port) });
console.log('forwarding port', listener.address?.port, 'to', target);

await listener.serve(async (client) => {
  const server = await connect({ host: targetHost, port: targetPort });
  try {
    await Promise.all([copy(client, server), copy(server, client)]);
  } finally {
    server.destroy();
  }
});

async function copy(from: Stream, to: Stream): Promise<void> {
  const buffer = Buffer.allocUnsafe(65536);
  for (let n = await from.read(buffer); n > 0; n = await from.read(buffer)) {
    await to.write(buffer, 0, n);
  }
  await to.shutdown(); // the end goes on too, and the other direction stays open
}
