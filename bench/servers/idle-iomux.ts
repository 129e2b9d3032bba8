import { listen } from 'iomux/net';

import { heap } from './heap';
import { listenOptions, serveUntilInputEnds } from './lifecycle';

async function main(): Promise<void> {
  const listener = await listen(listenOptions(process.argv[2] ?? '0'));
  serveUntilInputEnds(listener.address, heap);
  await listener.serve(async (stream) => {
    // Holds no buffer while it waits.
    for await (const chunk of stream) await stream.write(chunk);
  });
}

void main();
