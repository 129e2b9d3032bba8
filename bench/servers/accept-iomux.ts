import { listen, type Stream } from 'iomux/net';

import { listenOptions, serveUntilInputEnds } from './lifecycle';

const buffer = Buffer.allocUnsafe(64 * 1024);

/** `serve` closes the stream when its handler is over. */
const HANDLERS: Readonly<Record<string, (stream: Stream) => Promise<void> | void>> = {
  close: () => undefined,
  answer: async (stream) => {
    const length = await stream.read(buffer);
    await stream.write(buffer, 0, length);
  },
};

async function main(): Promise<void> {
  const [method = '', address = ''] = process.argv.slice(2);
  const handler = HANDLERS[method];
  if (!handler) throw new Error(`There is no method ${method}`);
  const listener = await listen(listenOptions(address));
  serveUntilInputEnds(listener.address);
  await listener.serve(handler);
}

void main();
