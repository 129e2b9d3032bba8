import { patternChunk } from './bulk-pattern';
import { listening } from './iomux-listener';

async function main(): Promise<void> {
  const chunk = patternChunk();
  const listener = await listening();
  await listener.serve(async (stream) => {
    for (;;) await stream.write(chunk);
  });
}

void main();
