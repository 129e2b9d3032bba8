import { connect, createServer } from 'node:net';

import { serve } from './lifecycle';

const [upstreamPort = ''] = process.argv.slice(2);

const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
  const upstream = connect({
    host: '127.0.0.1',
    port: Number(upstreamPort),
    noDelay: true,
    allowHalfOpen: true,
  });
  // The generator resets its connections when it ends.
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.destroy());
  client.pipe(upstream);
  upstream.pipe(client);
});

serve(server);
