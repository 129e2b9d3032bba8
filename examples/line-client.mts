// Sends the lines of standard input to a server, and prints the lines it answers.
// Try it with the echo server: echo hello | node line-client.mts localhost:7000
import { connect, Stream } from 'iomux/net';

const target = process.argv[2] ?? 'localhost:7000';
const colon = target.lastIndexOf(':');
const server = await connect({
  host: target.slice(0, colon),
  port: Number(target.slice(colon + 1)),
});

// A pipe or a terminal; regular files cannot be waited for.
const input = Stream.fromFd(0);
await Promise.all([send(), receive()]);
await input.close(); // restores the mode of a terminal

async function send(): Promise<void> {
  for (let line; (line = await input.readLine()) !== null;) await server.write(`${line}\r\n`);
  await server.shutdown(); // nothing more to send; answers still arrive
}

async function receive(): Promise<void> {
  for (let line; (line = await server.readLine()) !== null;) console.log(line);
  await server.close();
}
