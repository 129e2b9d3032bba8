import { listen } from 'iomux/net';

import { lateness } from './lateness';
import { listenOptions, serveUntilInputEnds } from './lifecycle';

async function main(): Promise<void> {
  const [extra, address = ''] = process.argv.slice(-2);
  const listener = await listen(listenOptions(address));
  serveUntilInputEnds(listener.address, extra === 'timers' ? lateness() : undefined);

  await listener.serve(async (stream) => {
    const buffer = Buffer.allocUnsafe(64 * 1024);
    for (let length; (length = await stream.read(buffer)) > 0;) {
      await stream.write(buffer, 0, length);
    }
  });
}

void main();
