// Forwards every connection to another address, both ways, at the pace of the slower side. On Linux
// what is much passes through the kernel alone.
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
    // The end of either direction goes on too, and the other one stays open.
    await Promise.all([client.pipeTo(server), server.pipeTo(client)]);
  } finally {
    server.destroy();
  }
});
