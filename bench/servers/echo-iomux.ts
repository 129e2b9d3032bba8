import { listen } from 'iomux/net';

import { listenOptions, serveUntilInputEnds } from './lifecycle';

async function main(): Promise<void> {
  const listener = await listen(listenOptions(process.argv[2] ?? '0'));
  serveUntilInputEnds(listener.address);

  await listener.serve(async (stream) => {
    const buffer = Buffer.allocUnsafe(64 * 1024);
    for (let length; (length = await stream.read(buffer)) > 0;) {
      await stream.write(buffer, 0, length);
    }
  });
}

void main();
