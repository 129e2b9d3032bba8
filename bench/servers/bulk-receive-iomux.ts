import { listening } from './iomux-listener';

async function main(): Promise<void> {
  let bytes = 0;
  const listener = await listening(() => ({ bytes }));
  await listener.serve(async (stream) => {
    const buffer = Buffer.allocUnsafe(64 * 1024);
    for (let length; (length = await stream.read(buffer)) > 0;) bytes += length;
  });
}

void main();
