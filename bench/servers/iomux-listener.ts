import { listen, type Listener } from 'iomux/net';

import { type Counters, listenOptions, serveUntilInputEnds } from './lifecycle';

/** Listens on the address that is the last argument, for the harness. */
export async function listening(counters?: Counters): Promise<Listener> {
  const listener = await listen(listenOptions(process.argv.at(-1) ?? '0'));
  serveUntilInputEnds(listener.address, counters);
  return listener;
}
