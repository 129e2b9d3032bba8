import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { feedExample, programOf, runExample, spawnExample, startExample } from '../support/example';
import { temporary } from '../support/opened';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server, and the `HOST:PORT` of it. */
async function serving(handler: (socket: Socket) => void): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

// On macOS named FIFOs are refused; see test/conformance/registration.ts.
const noFifos = process.platform === 'darwin';

test.skipIf(noFifos)(
  'examples/message-loop gets messages from all that it waits for, and processes them',
  async () => {
    const folder = temporary();
    const paths = [join(folder, 'a'), join(folder, 'b')] as const;
    execFileSync('mkfifo', paths);
    {
      await using loop = await startExample('message-loop', ...paths);
      const ended = once(loop.child, 'exit');
      expect(loop.line).toBe('waiting for messages');
      appendFileSync(paths[0], 'one\ntwo\n');
      appendFileSync(paths[1], 'three\n');
      const lines: string[] = [];
      while (lines.length < 3 || !lines.includes('tick')) lines.push(await loop.next());
      expect(lines.filter((line) => !line.startsWith('tick')).sort()).toEqual([
        `${paths[0]}: one`,
        `${paths[0]}: two`,
        `${paths[1]}: three`,
      ]);
      appendFileSync(paths[1], 'quit\n');
      expect(await ended).toEqual([0, null]);
    }
  },
);

test('examples/pipeline reads no more than is wanted of it', async () => {
  expect(await feedExample('pipeline', 'an a\na b\na c\nb b', 'b')).toBe('1: a b\n2: b b\n');
  // It would never end.
  const command = 'yes | "$0" "$1" y | head -n 2';
  const args = ['-c', command, process.execPath, programOf('pipeline')];
  expect((await promisify(execFile)('sh', args)).stdout).toBe('1: y\n2: y\n');
});

test('examples/bounded-queue gives each job to one consumer, and has clients wait', async () => {
  await using queue = await startExample('bounded-queue', '0', '3');
  const few = connect(queue.port, '127.0.0.1');
  few.end(Array.from({ length: 30 }, (_, i) => `job ${i}\n`).join(''));
  const done = [];
  while (done.length < 30) done.push(await queue.next());
  const pairs = done.map((line) => /^consumer (\d) has done (.*)$/.exec(line) ?? []);
  expect(new Set(pairs.map(([, consumer]) => consumer))).toEqual(new Set(['1', '2', '3']));
  const jobs = pairs.map(([, , job]) => job);
  expect(jobs.sort()).toEqual(Array.from({ length: 30 }, (_, i) => `job ${i}`).sort());

  const many = connect(queue.port, '127.0.0.1');
  const long = `${'x'.repeat(60_000)}\n`;
  many.write(long.repeat(1000));
  for (let i = 0; i < 100; i++) expect(await queue.next()).toMatch(/ has done x{40}$/);
  // The rest is more than the kernel holds.
  expect(many.writableLength).toBeGreaterThan(0);
  many.destroy();
});

test('examples/join-all has the results of all, of which at most four run at a time', async () => {
  const waiting: Socket[] = [];
  let most = 0;
  let count = 0;
  const target = await serving((socket) => {
    most = Math.max(most, waiting.push(socket.resume()));
    if (waiting.length !== 4) return;
    // Time for a fifth to come, if there were one.
    setTimeout(() => {
      for (const each of waiting.splice(0)) each.end(`number ${++count}\n`);
    }, 50);
  });
  const targets = Array.from({ length: 12 }, () => target);
  const lines = (await runExample('join-all', ...targets)).trimEnd().split('\n');
  expect(lines).toHaveLength(12);
  expect(new Set(lines)).toEqual(new Set(targets.map((_, i) => `${target}: number ${i + 1}`)));
  expect(most).toBe(4);
});

test('examples/join-all cancels the others when one fails', async () => {
  const closed: Promise<unknown>[] = [];
  const silent = await serving((socket) => {
    closed.push(once(socket.resume(), 'close'));
  });
  const child = spawnExample('join-all', [silent, silent, '127.0.0.1:1', silent, silent, silent]);
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect(output).toBe('no greetings: ECONNREFUSED: connection refused, connect 127.0.0.1:1\n');
  expect(code).toBe(1);
  await Promise.all(closed);
});

test('examples/timeouts gives up a step, all of it, or when it is interrupted', async () => {
  const target = await serving((socket) => socket.resume());
  const outputs = await Promise.all([
    runExample('timeouts', target, '0.1'),
    runExample('timeouts', target, '60', '0.5'),
    (async () => {
      await using example = await startExample('timeouts', target, '60', '60');
      const ended = once(example.child, 'exit');
      example.child.kill('SIGINT');
      const last = await example.next();
      expect(await ended).toEqual([0, null]);
      return `${example.line}\n${last}\n`;
    })(),
  ]);
  expect(outputs[0]).toBe('connected\ngiven up: nothing has come for too long\n');
  // A busy machine may not have connected by then.
  expect(outputs[1]).toMatch(/^(connected\n)?given up: it has taken too long\n$/);
  expect(outputs[2]).toBe('connected\ngiven up: interrupted\n');
  const talking = await serving((socket) => socket.end('one\ntwo\n'));
  expect(await runExample('timeouts', talking)).toBe('connected\none\ntwo\nthe end\n');
});
