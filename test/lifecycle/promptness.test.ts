import { describe, expect, test } from 'vitest';
import { ended, inChild, type Script } from '../support/child';

// If a wake-up enters JavaScript without a callback scope, the continuations of the promises that it settles run
// only after the next event: here a timer of ten seconds. This differs between versions of Node:
// IOMUX_TEST_NODES is a list of binaries to test, separated by colons.
const NODES = (process.env['IOMUX_TEST_NODES'] ?? process.execPath).split(':');
/** In milliseconds. */
const PROMPT = 5;

/** The median time from the event to the continuation. */
const script: Script<'promise' | 'callback' | 'stream'> = async (tools, kind) => {
  const { iomux, net, descriptors, fs } = tools;
  setTimeout(() => process.exit(1), 10_000);
  const [reader, writer] = descriptors.pipe();
  const bytes = Buffer.alloc(1);
  const listener = await net.listen({ host: '127.0.0.1', port: 0 });
  const port = listener.address.port;
  const [client, server] = await Promise.all([
    net.connect({ host: '127.0.0.1', port }),
    listener.accept(),
  ]);
  const waits = {
    promise: async () => {
      await iomux.readable(reader);
      fs.readSync(reader, bytes);
    },
    // The callback itself is prompt in any case; what it settles may not be.
    callback: () =>
      new Promise<void>((resolve) => {
        const registration = iomux.register(reader, iomux.READABLE, () => {
          registration.close();
          fs.readSync(reader, bytes);
          process.nextTick(resolve);
        });
      }),
    stream: async () => {
      await client.read(bytes);
    },
  };
  const taken: number[] = [];
  for (let round = 0; round < 21; round++) {
    let start = 0;
    setImmediate(() => {
      start = performance.now();
      if (kind === 'stream') server.tryWrite('x');
      else fs.writeSync(writer, 'x');
    });
    await waits[kind]();
    taken.push(performance.now() - start);
  }
  fs.writeSync(1, String(taken.sort((a, b) => a - b)[10]));
  process.exit();
};

describe.each(NODES.map((node, i) => ({ node, i })))('with Node binary $i', ({ node }) => {
  test.each(['promise', 'callback', 'stream'] as const)(
    'a %s goes on at once, while only a timer is pending',
    async (kind) => {
      const outcome = await inChild(script, { node, argument: kind });
      expect(outcome).toMatchObject(ended);
      expect(outcome.result).toBeLessThan(PROMPT);
    },
  );
});
