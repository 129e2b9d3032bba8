import { createServer } from 'node:http';
import { serveHttp } from 'iomux/node';

import { hello } from './hello';
import { listening } from './iomux-listener';

async function main(): Promise<void> {
  const listener = await listening();
  await serveHttp(listener, createServer(hello));
}

void main();
