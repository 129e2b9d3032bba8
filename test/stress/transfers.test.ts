import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { listen } from '../../lib/net';
import { ended, inChild, type Tools } from '../support/child';
import { checkForLeaks } from '../support/descriptors';

/** `npm run test:stress` asks for a gibibyte. */
const LENGTH = Number(process.env['IOMUX_TEST_MEBIBYTES'] ?? 64) * 2 ** 20;
const LONG = 300_000;

checkForLeaks();

interface Sent {
  readonly hash: string;
  readonly sent: number;
  readonly handedOn: number;
  /**
   * How much the process has grown at most, in bytes, and how many more descriptors are open than before.
   */
  readonly grown: number;
  readonly descriptors: number;
}

/** Sends a file to itself, over TCP, and from there to a port. */
async function sendAndHandOn(
  { iomux, net, fs, openDescriptors }: Tools,
  { port, length }: { port: number; length: number },
): Promise<Sent> {
  const { createHash } = require('node:crypto') as typeof import('node:crypto');
  const { tmpdir } = require('node:os') as typeof import('node:os');
  const HOST = '127.0.0.1';
  const folder = fs.mkdtempSync(`${tmpdir()}/iomux-`);
  const file = fs.openSync(`${folder}/file`, 'w+');
  fs.rmSync(folder, { recursive: true });

  // Every block has its offset in it, and other bytes than the one before. It is hashed at once, so that
  // nothing of it stays in memory.
  const hash = createHash('sha256');
  const block = Buffer.alloc(65_536);
  for (let at = 0; at < length; at += block.length) {
    block.fill(at / block.length);
    block.writeDoubleLE(at, (at / 16) % (block.length - 8));
    hash.update(block);
    fs.writeSync(file, block);
  }

  // On Linux, a process inherits the maxRSS of the one that has started it, but not its VmHWM.
  const most = (): number => {
    const status = fs.existsSync('/proc/self/status')
      ? fs.readFileSync('/proc/self/status', 'latin1')
      : '';
    const found = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
    return Number(found ?? process.resourceUsage().maxRSS) * 1024;
  };

  // The multiplexer opens with the first wait.
  await iomux.writable(1);
  const before = { rss: process.memoryUsage().rss, descriptors: openDescriptors() };
  const listener = await net.listen({ host: HOST, port: 0 });
  const accepting = listener.accept();
  const sender = await net.connect({ host: HOST, port: listener.address.port });
  const source = await accepting;
  const destination = await net.connect({ host: HOST, port });
  const piping = source.pipeTo(destination);
  const sent = await sender.sendFile(file);
  await sender.close();
  const handedOn = await piping;
  for (const handle of [source, destination]) await handle.close();
  listener.close();
  const descriptors = openDescriptors() - before.descriptors;
  fs.closeSync(file);
  const grown = most() - before.rss;
  return { hash: hash.digest('hex'), sent, handedOn, grown, descriptors };
}

test(
  `${LENGTH / 2 ** 20} MiB arrive whole by sendFile and pipeTo at a slow reader, in bounded memory`,
  async () => {
    const listener = await listen({ host: '127.0.0.1', port: 0 });
    const hash = createHash('sha256');
    let received = 0;
    const receiving = listener.accept().then(async (stream) => {
      const into = Buffer.allocUnsafe(65_536);
      for (let count; (count = await stream.read(into)) > 0; received += count) {
        hash.update(into.subarray(0, count));
        // Slower than the sender for the first quarter, so that everything upstream has to wait.
        if (received < LENGTH / 4) await new Promise((resolve) => setImmediate(resolve));
      }
      await stream.close();
    });
    const argument = { port: listener.address.port, length: LENGTH };
    const outcome = await inChild(sendAndHandOn, { argument, deadline: LONG });
    await receiving;
    listener.close();
    expect(outcome).toMatchObject(ended);
    const { grown, ...result } = outcome.result as Sent;
    const expected = { hash: hash.digest('hex'), sent: LENGTH, handedOn: LENGTH, descriptors: 0 };
    expect({ ...result, received }).toEqual({ ...expected, received: LENGTH });
    expect(grown).toBeLessThan(16 * 2 ** 20);
  },
  LONG,
);
