// Producer and consumer as async generators: each pulls from the one before it, so that nothing is read
// faster than it is written. Usage: tail -f LOG | node pipeline.mts WORD
import { once } from 'node:events';
import { Stream } from 'iomux/net';

const [word = ''] = process.argv.slice(2);
process.stdout.on('error', () => process.exit()); // its reader is gone

await print(numbered(matching(lines(Stream.fromFd(0)))));

async function* lines(input: Stream): AsyncGenerator<string> {
  for (let line; (line = await input.readLine()) !== null;) yield line;
  await input.close();
}

async function* matching(source: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of source) if (line.includes(word)) yield line;
}

async function* numbered(source: AsyncIterable<string>): AsyncGenerator<string> {
  let number = 0;
  for await (const line of source) yield `${++number}: ${line}`;
}

async function print(source: AsyncIterable<string>): Promise<void> {
  for await (const line of source) {
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
  }
}
