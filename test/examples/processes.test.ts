import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, test } from 'vitest';
import { runExample, startExample } from '../support/example';
import { temporary } from '../support/opened';

const opened: Socket[] = [];
afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy();
});

/** The first line that a server sends to a new client; undefined if it closes or resets the connection. */
async function firstLine(port: number): Promise<string | undefined> {
  const socket = connect(port, '127.0.0.1');
  opened.push(socket);
  socket.on('error', () => undefined); // also when nobody reads it any more
  socket.write('echo\n');
  const lines: string[] = [];
  try {
    for await (const line of createInterface(socket)) {
      if (lines.push(line) === 2) break;
    }
  } catch (error) {
    expect(error).toMatchObject({ code: 'ECONNRESET' });
  }
  if (lines.length < 2) return undefined;
  expect(lines[1]).toBe('echo');
  return lines[0];
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('examples/child-process asks a child, gets answers, and says how it has ended', async () => {
  const commands = [[], ['exit 3'], ['kill -9 $$']];
  const outputs = await Promise.all(commands.map((args) => runExample('child-process', ...args)));
  expect(outputs[0]).toBe('1 2 -> 3\n20 22 -> 42\nit has ended by code 0\n');
  expect(outputs[1]).toMatch(/\nit has ended by code 3\n$/);
  expect(outputs[2]).toMatch(/\nit has ended by SIGKILL\n$/);
});

test('examples/process-pool has connections served by others, and replaces who has died', async () => {
  const pids = [];
  {
    await using pool = await startExample('process-pool', '0', '2');
    const serve = async (): Promise<number> => {
      for (;;) {
        // One that was handed to a process that has died is reset.
        const line = await firstLine(pool.port);
        if (line !== undefined) return Number(/^served by (\d+)$/.exec(line)?.[1]);
      }
    };
    const first = await serve();
    const second = await serve();
    expect(await serve()).toBe(first);
    expect([pool.child.pid, first]).not.toContain(second);
    process.kill(first, 'SIGKILL');
    let third = first;
    while (third === first || third === second) third = await serve();
    pids.push(second, third);
    for (const socket of opened) socket.destroy();
  }
  // They end with the one that accepts.
  for (const pid of pids) {
    while (isRunning(pid)) await new Promise((resolve) => setImmediate(resolve));
  }
});

describe.runIf(['linux', 'freebsd'].includes(process.platform))('where ports are shared', () => {
  test('examples/multi-core has connections served by all of its threads', async () => {
    await using server = await startExample('multi-core', '0', '2');
    expect(server.line).toBe(`thread 0 listens on port ${server.port}`);
    expect(await server.next()).toBe(`thread 1 listens on port ${server.port}`);
    const lines = await Promise.all(Array.from({ length: 40 }, () => firstLine(server.port)));
    expect(new Set(lines)).toEqual(new Set(['served by thread 0', 'served by thread 1']));
  });
});

describe.runIf(process.platform === 'linux')('on Linux', () => {
  test('examples/servers-compared measures each kind of server', async () => {
    const lines = (await runExample('servers-compared', '1', '20')).split('\n');
    const rows = lines.filter((line) => line.startsWith('│')).map((line) => line.match(/\w+/g));
    expect(rows.slice(1).map((row) => row?.[0])).toEqual(['thread', 'threads', 'processes']);
    for (const row of rows.slice(1)) {
      const [served = 0, rate = 0, memory = 0] = (row ?? []).slice(1).map(Number);
      expect(served).toBeGreaterThan(0);
      expect(rate).toBeGreaterThan(0);
      expect(memory).toBeGreaterThan(1);
    }
    // An environment of its own costs each connection more than a turn of the loop.
    const memories = rows.slice(1).map((row) => Number(row?.[3]));
    expect(memories[1]).toBeGreaterThan(memories[0]);
    expect(memories[2]).toBeGreaterThan(memories[0]);
  });
});

test('examples/pass-descriptor has another process read a file', async () => {
  const path = temporary('file');
  writeFileSync(path, 'x'.repeat(12345));
  expect(await runExample('pass-descriptor', path)).toBe(`${path}: 12345 bytes\n`);
});
