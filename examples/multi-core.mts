// An echo server on all cores: a thread for each, with a socket of its own on the same port, between
// which the kernel divides the connections (SO_REUSEPORT: Linux, FreeBSD).
// Usage: multi-core.mts [PORT [THREADS]]
import { availableParallelism } from 'node:os';
import { isMainThread, threadId, Worker, workerData } from 'node:worker_threads';
import { listen } from 'iomux/net';

const [given = '7000', threads = String(availableParallelism())] = process.argv.slice(2);
const listener = await listen({
  port: isMainThread ? Number(given) : (workerData as number),
  reusePort: true,
});
const port = listener.address.port; // 0 has become a free one
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
