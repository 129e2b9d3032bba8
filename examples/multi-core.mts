// An echo server on all cores: one thread for each, with its own socket on the same port. The kernel
// distributes the connections among them (SO_REUSEPORT: Linux, FreeBSD).
// Usage: multi-core.mts [PORT [THREADS]]
import { availableParallelism } from 'node:os';
import { isMainThread, threadId, Worker, workerData } from 'node:worker_threads';
import { listen } from 'iomux/net';

const [given = '7000', threads = String(availableParallelism())] = process.argv.slice(2);
const listener = await listen({
  port: isMainThread ? Number(given) : (workerData as number),
  reusePort: true,
});
const port = listener.address.port; // the free port chosen for 0
console.log('thread', threadId, 'listens on port', port);
if (isMainThread) {
  for (let i = 1; i < Number(threads); i++) {
    new Worker(new URL(import.meta.url), { workerData: port });
  }
}

await listener.serve(async (stream) => {
  await stream.write(`served by thread ${threadId}\n`);
  await stream.pipeTo(stream);
});
