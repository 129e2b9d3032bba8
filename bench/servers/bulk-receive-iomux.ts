import { listen } from 'iomux/net';

import { listenOptions, serveUntilInputEnds } from './lifecycle';

async function main(): Promise<void> {
  const listener = await listen(listenOptions(process.argv[2] ?? '0'));
  let bytes = 0;
  serveUntilInputEnds(listener.address, () => ({ bytes }));
  await listener.serve(async (stream) => {
    const buffer = Buffer.allocUnsafe(64 * 1024);
    for (let length; (length = await stream.read(buffer)) > 0;) bytes += length;
  });
}

void main();
