// Forwards every connection to another address, both ways, at the pace of the slower side. On Linux,
// most bytes of a large transfer never leave the kernel.
// Usage: tcp-forwarder.mts PORT HOST:PORT
import { connect, listen } from 'iomux/net';

const [port = '7001', target = 'localhost:80'] = process.argv.slice(2);
const colon = target.lastIndexOf(':');
const [targetHost, targetPort] = [target.slice(0, colon), Number(target.slice(colon + 1))];

const listener = await listen({ port: Number(port) });
console.log('forwarding port', listener.address.port, 'to', target);

await listener.serve(async (client) => {
  const server = await connect({ host: targetHost, port: targetPort });
  try {
    // The end of one direction is forwarded as well, while the other direction stays open.
    await Promise.all([client.pipeTo(server), server.pipeTo(client)]);
  } finally {
    server.destroy();
  }
});
