import { connect } from 'iomux/net';

import { patternChunk } from './bulk-pattern';
import { listenOptions, serveUntilInputEnds } from './lifecycle';

async function main(): Promise<void> {
  const address = process.argv[2] ?? '';
  const chunk = patternChunk();
  const stream = await connect(listenOptions(address));
  serveUntilInputEnds(address, () => ({ bytes: stream.bytesWritten }));
  for (;;) await stream.write(chunk);
}

void main();
