import { connect, type Stream } from 'iomux/net';

import { listening } from './iomux-listener';

/** What a program does without `pipeTo`. */
async function copy(source: Stream, destination: Stream): Promise<void> {
  const buffer = Buffer.allocUnsafe(64 * 1024);
  for (let length; (length = await source.read(buffer)) > 0;) {
    await destination.write(buffer, 0, length);
  }
  await destination.shutdown();
}

function pipe(source: Stream, destination: Stream): Promise<unknown> {
  return source.pipeTo(destination);
}

async function main(): Promise<void> {
  const [method, upstreamPort = ''] = process.argv.slice(2);
  const forward = method === 'pipeTo' ? pipe : copy;
  const listener = await listening();
  await listener.serve(async (client) => {
    const upstream = await connect({ host: '127.0.0.1', port: Number(upstreamPort) });
    try {
      await Promise.all([forward(client, upstream), forward(upstream, client)]);
    } finally {
      upstream.destroy();
    }
  });
}

void main();
