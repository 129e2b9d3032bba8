import { createServer } from 'node:http';
import { listen } from 'iomux/net';
import { serveHttp } from 'iomux/node';

import { hello } from './hello';
import { listenOptions, serveUntilInputEnds } from './lifecycle';

async function main(): Promise<void> {
  const listener = await listen(listenOptions(process.argv[2] ?? '0'));
  serveUntilInputEnds(listener.address);
  await serveHttp(listener, createServer(hello));
}

void main();
