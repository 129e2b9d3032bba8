// Answers every HTTP request with one file. The kernel sends it: its bytes never enter the process.
// Usage: file-server.mts FILE [PORT], then curl -o copy localhost:PORT
import { open } from 'node:fs/promises';
import { listen } from 'iomux/net';

const [path = 'README.md', port = '7002'] = process.argv.slice(2);
const file = await open(path);
const listener = await listen({ port: Number(port) });
console.log('serving', path, 'on port', listener.address.port);

await listener.serve(async (client) => {
  await client.readUntil('\r\n\r\n', { signal: AbortSignal.timeout(10_000) });
  const { size } = await file.stat();
  await client.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\nConnection: close\r\n\r\n`);
  await client.sendFile(file, { length: size }); // shared by all: its position does not move
});
