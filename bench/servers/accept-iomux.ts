import type { Stream } from 'iomux/net';

import { listening } from './iomux-listener';

/** `serve` closes the stream when its handler has returned, or its promise has settled. */
const HANDLERS: Readonly<Record<string, (stream: Stream) => Promise<void> | void>> = {
  close: () => undefined,
  answer: async (stream) => {
    const chunk = await stream.readSome();
    if (chunk) await stream.write(chunk);
  },
};

async function main(): Promise<void> {
  const [method = ''] = process.argv.slice(2);
  const handler = HANDLERS[method];
  if (!handler) throw new Error(`There is no method ${method}`);
  const listener = await listening();
  await listener.serve(handler);
}

void main();
