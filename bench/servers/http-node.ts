import { createServer } from 'node:http';

import { hello } from './hello';
import { listenOptions, serveUntilInputEnds } from './lifecycle';

const server = createServer(hello);

server.listen(listenOptions(process.argv[2] ?? '0'), () => {
  serveUntilInputEnds(server.address());
});
