import { listen } from 'iomux/net';

import { serveUntilInputEnds } from './lifecycle';

async function main(): Promise<void> {
  const listener = await listen({ host: '127.0.0.1', port: 0 });
  serveUntilInputEnds(listener.address);

  await listener.serve(async (stream) => {
    const buffer = Buffer.allocUnsafe(64 * 1024);
    for (let length; (length = await stream.read(buffer)) > 0;) {
      await stream.write(buffer, 0, length);
    }
  });
}

void main();
