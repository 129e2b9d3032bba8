import { heap } from './heap';
import { listening } from './iomux-listener';

async function main(): Promise<void> {
  const listener = await listening(heap);
  await listener.serve(async (stream) => {
    // Holds no buffer while it waits.
    for await (const chunk of stream) await stream.write(chunk);
  });
}

void main();
