// Sends back whatever comes in. Try it with: nc localhost 7000
import { listen, type Stream } from 'iomux/net';

const listener = await listen({ port: Number(process.env['PORT'] ?? 7000) });
console.log('listening on port', listener.address?.port);

for await (const stream of listener) echo(stream).catch(() => stream.destroy()); // reset by its peer

async function echo(stream: Stream): Promise<void> {
  const buffer = Buffer.allocUnsafe(65536);
  for (let n; (n = await stream.read(buffer)) > 0;) await stream.write(buffer, 0, n);
  await stream.close();
}
