import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Stream } from '../../lib/net';
import { descriptors } from '../support/descriptors';
import { tracked } from '../support/opened';
import { fromNode, listening, pair, pattern, toNode } from './peers';

const haveNetcat = spawnSync('nc', ['-h']).error === undefined;
if (!haveNetcat) console.warn('nc is not installed: nothing is tried against it');

/** Runs a program of Python's asyncio that connects to a port, which it finds in argv. */
function python(program: string, port: number): ChildProcess {
  const source = `import asyncio, sys\nasync def main():\n  reader, writer = await asyncio.open_connection('127.0.0.1', int(sys.argv[1]))\n${program.trim().replace(/^/gm, '  ')}\nasyncio.run(main())`;
  return spawn('python3', ['-c', source, String(port)], { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function connected(
  start: (port: number) => ChildProcess,
): Promise<{ stream: Stream; exit: Promise<unknown[]> }> {
  const { listener, port } = await listening();
  const child = start(port);
  const exit = once(child, 'close');
  return { stream: tracked(await listener.accept()), exit };
}

describe('asyncio', () => {
  test('speaks lines, frames and records with us', async () => {
    const { stream, exit } = await connected((port) =>
      python(
        `
writer.write(b'GET key\\r\\n')
assert await reader.readline() == b'VALUE 5\\r\\n'
body = await reader.readexactly(5)
writer.write(len(body).to_bytes(4, 'big') + body)
assert await reader.readuntil(b'--end--') == b'a record--end--'
writer.write(b'one;two;')
writer.write_eof()
assert await reader.read() == b''
writer.close()`,
        port,
      ),
    );
    expect(await stream.readLine()).toBe('GET key');
    await stream.write('VALUE 5\r\nhel');
    await stream.write('lo');
    const length = (await stream.readExactly(4)).readUInt32BE();
    expect((await stream.readExactly(length)).toString()).toBe('hello');
    await stream.write('a record--e');
    await stream.write('nd--');
    expect((await stream.readUntil(';')).toString()).toBe('one;');
    expect((await stream.readAll()).toString()).toBe('two;');
    await stream.close();
    expect(await exit).toEqual([0, null]);
  });

  test('sends ten thousand lines, of which none is lost or cut', async () => {
    const { stream, exit } = await connected((port) =>
      python(
        `
for number in range(10000):
  writer.write(b'%d %s\\n' % (number, b'x' * (number % 300)))
  if number % 50 == 0: await writer.drain()
writer.close()
await writer.wait_closed()`,
        port,
      ),
    );
    for (let number = 0; number < 10_000; number++) {
      expect(await stream.readLine()).toBe(`${number} ${'x'.repeat(number % 300)}`);
    }
    expect(await stream.readLine()).toBe(null);
    expect(await exit).toEqual([0, null]);
  });
});

describe.each([
  ['that node:net has accepted', toNode],
  ['that node:net has made', fromNode],
])('a connection %s', (_, connection) => {
  test('is read by length, line and chunk', async () => {
    const { stream, socket } = await connection();
    const bytes = pattern(300_000);
    socket.write('head\r\n');
    socket.end(bytes);
    expect(await stream.readLine()).toBe('head');
    expect((await stream.readExactly(100_000)).equals(bytes.subarray(0, 100_000))).toBe(true);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(bytes.subarray(100_000))).toBe(true);
  });
});

describe.skipIf(!haveNetcat)('nc', () => {
  test('has its standard input read as lines, and prints what is written', async () => {
    const { listener, port } = await listening();
    const nc = spawn('nc', ['-N', '127.0.0.1', String(port)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exit = once(nc, 'close');
    nc.stdin.end('one\ntwo');
    const stream = tracked(await listener.accept());
    let answer = '';
    nc.stdout.setEncoding('utf8').on('data', (text: string) => (answer += text));
    for (let line; (line = await stream.readLine()) !== null;) await stream.write(`<${line}>`);
    await stream.close();
    expect(await exit).toEqual([0, null]);
    expect(answer).toBe('<one><two>');
  });
});

describe('a reset', () => {
  test('comes behind what was received before, which stays readable', async () => {
    const { ours, theirs } = await pair();
    await theirs.write('one\ntwo\nthr');
    expect(await ours.readLine()).toBe('one');
    descriptors.resetOnClose(theirs.fd);
    theirs.destroy();
    expect(await ours.readLine()).toBe('two');
    const reset = { code: 'ECONNRESET', syscall: 'recv', fd: ours.fd };
    await expect(ours.readLine()).rejects.toMatchObject(reset);
    expect((await ours.readSome())?.toString()).toBe('thr');
  });

  test('rejects a read of any kind that waits', async () => {
    for (const start of ['readSome', 'readLine', 'readAll', 'peek'] as const) {
      const { ours, theirs } = await pair();
      const reading = ours[start]();
      descriptors.resetOnClose(theirs.fd);
      theirs.destroy();
      await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' });
    }
  });
});
