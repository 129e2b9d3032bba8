// Says hello on the sockets that a service manager has opened, or on a Unix socket of its own.
// Try it with: systemd-socket-activate -l 7000 node examples/socket-activation.mts; nc localhost 7000
import { inheritedDescriptors, listen, type Listener } from 'iomux/net';

const listeners: Listener[] = [];
for (const { fd, name } of inheritedDescriptors()) {
  const listener = await listen({ fd });
  console.log('listening on', name, listener.address);
  listeners.push(listener);
}
if (listeners.length === 0) {
  const path = process.argv[2] ?? '/tmp/iomux.sock';
  listeners.push(await listen({ path, mode: 0o600 }));
  console.log('listening on', path);
}

// Connections being served have five seconds to end. If the service manager keeps the socket open,
// connections not accepted yet wait for the next process.
process.once('SIGTERM', () => {
  for (const listener of listeners) void listener.close({ drain: AbortSignal.timeout(5000) });
});

await Promise.all(
  listeners.map((listener) =>
    listener.serve(
      async (stream) => {
        await stream.write('What is your name? ');
        const buffer = Buffer.alloc(256);
        const name = buffer.toString('utf8', 0, await stream.read(buffer)).trim();
        await stream.write(`Hello, ${name}!\n`);
      },
      { maxConnections: 1000 },
    ),
  ),
);
