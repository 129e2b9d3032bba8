import { listen } from 'iomux/net';

import { patternChunk } from './bulk-pattern';
import { listenOptions, serveUntilInputEnds } from './lifecycle';

async function main(): Promise<void> {
  const chunk = patternChunk();
  const listener = await listen(listenOptions(process.argv[2] ?? '0'));
  serveUntilInputEnds(listener.address);
  await listener.serve(async (stream) => {
    for (;;) await stream.write(chunk);
  });
}

void main();
