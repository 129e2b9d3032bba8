import { extraCounters } from './extra-counters';
import { listening } from './iomux-listener';

async function main(): Promise<void> {
  const listener = await listening(extraCounters());
  await listener.serve(async (stream) => {
    const buffer = Buffer.allocUnsafe(64 * 1024);
    for (let length; (length = await stream.read(buffer)) > 0;) {
      await stream.write(buffer, 0, length);
    }
  });
}

void main();
