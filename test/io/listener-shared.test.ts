import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect as netConnect } from 'node:net';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { listen, type Listener } from '../../lib/net';
import { inChild, type Script } from '../support/child';
import { startWorker } from '../support/worker';
import { tracked } from '../support/opened';
import { listening } from './peers';

// Several threads or processes that accept on one port. Each sends its name to its clients.

const ROOT = join(__dirname, '../..');

const workers: Worker[] = [];

afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.terminate();
});

interface Given {
  readonly fd?: number;
  readonly port?: number;
  readonly name: string;
}

/** A Worker that serves its name until it gets the message to close. */
async function serving(given: Given): Promise<Worker> {
  const worker = startWorker(async ({ net }, { name, fd, port }: Given) => {
    const { parentPort } = require('node:worker_threads') as typeof import('node:worker_threads');
    const listener = await net.listen(
      fd === undefined ? { host: '127.0.0.1', port: port ?? 0, reusePort: true } : { fd },
    );
    parentPort?.once('message', () => {
      listener.close();
    });
    parentPort?.postMessage('listens');
    await listener.serve((stream) => stream.write(name));
  }, given);
  workers.push(worker);
  await once(worker, 'message');
  return worker;
}

/** Connects `times` times, and counts the names it receives. */
async function ask(port: number, times: number): Promise<Record<string, number>> {
  const answers: Record<string, number> = {};
  for (let i = 0; i < times; i++) {
    const socket = tracked(netConnect({ host: '127.0.0.1', port }));
    const name = String(await once(socket, 'data'));
    answers[name] = (answers[name] ?? 0) + 1;
  }
  return answers;
}

function total(answers: Record<string, number>): number {
  return Object.values(answers).reduce((sum, count) => sum + count, 0);
}

/** macOS would give all connections to one of them: `ERR_UNSUPPORTED_PLATFORM`. */
const sharesNoPorts = process.platform === 'darwin';

describe.skipIf(sharesNoPorts)('Workers that listen with reusePort', () => {
  test('all get their part, and when one has closed the others get all', async () => {
    const listener = tracked(await listen({ host: '127.0.0.1', port: 0, reusePort: true }));
    const port = listener.address.port;
    const first = await serving({ name: 'first', port });
    await serving({ name: 'second', port });
    // Its backlog would be its part.
    listener.close();
    const before = await ask(port, 60);
    expect(Object.keys(before).sort()).toEqual(['first', 'second']);
    expect(total(before)).toBe(60);
    first.postMessage('close');
    await once(first, 'exit');
    expect(await ask(port, 30)).toEqual({ second: 30 });
  });

  test('leave the port to the others when one is terminated', async () => {
    const listener = tracked(await listen({ host: '127.0.0.1', port: 0, reusePort: true }));
    const port = listener.address.port;
    const first = await serving({ name: 'first', port });
    await first.terminate();
    void listener.serve((stream) => stream.write('main'));
    expect(await ask(port, 30)).toEqual({ main: 30 });
  });
});

describe('Workers that share one socket', () => {
  async function sharing(): Promise<{ listener: Listener; port: number; first: Worker }> {
    const { listener, port } = await listening();
    const first = await serving({ name: 'first', fd: listener.share() });
    await serving({ name: 'second', fd: listener.share() });
    return { listener, port, first };
  }

  test('lose no connection when one of them is terminated', async () => {
    const { listener, port, first } = await sharing();
    expect(total(await ask(port, 30))).toBe(30);
    await first.terminate();
    expect(await ask(port, 30)).toEqual({ second: 30 });
    listener.close();
    expect(await ask(port, 5)).toEqual({ second: 5 });
  });

  test('close when the last one has: then nobody is there', async () => {
    const { listener, port, first } = await sharing();
    listener.close();
    await first.terminate();
    await workers[1].terminate();
    const socket = tracked(netConnect({ host: '127.0.0.1', port }));
    expect(await once(socket, 'error')).toMatchObject([{ code: 'ECONNREFUSED' }]);
  });
});

test('a child process inherits the socket, and takes what waits when its parent has closed', async () => {
  const { listener, port } = await listening();
  const source = `
    require('iomux/net').listen({ fd: 3 }).then((listener) => {
      console.log('listens');
      return listener.serve((stream) => stream.write('child'));
    })`;
  const child = spawn(process.execPath, ['-e', source], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit', listener.fd],
  });
  try {
    const { stdout } = child as { stdout: NodeJS.ReadableStream };
    await once(stdout, 'data');
    const answers = ask(port, 20);
    listener.close();
    expect(await answers).toEqual({ child: 20 });
  } finally {
    child.kill();
    await once(child, 'close');
  }
});

describe('node:cluster', () => {
  /** The primary starts two workers, of which one is killed in the middle. */
  const script: Script<'reusePort' | 'fd'> = async ({ net }, how) => {
    const cluster = require('node:cluster') as typeof import('node:cluster').default;
    const { connect } = require('node:net') as typeof import('node:net');
    const reusePort = how === 'reusePort';
    const listener = await net.listen({ host: '127.0.0.1', port: 0, reusePort });
    const port = listener.address.port;
    const options = how === 'fd' ? { fd: 4 } : { host: '127.0.0.1', port, reusePort: true };
    cluster.setupPrimary({
      exec: 'test/io/cluster-worker.mjs',
      execArgv: [],
      args: [JSON.stringify(options)],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...(how === 'fd' ? [listener.fd] : [])],
    });
    const forked = [cluster.fork(), cluster.fork()];
    await Promise.all(
      forked.map((worker) => new Promise((resolve) => worker.once('message', resolve))),
    );
    listener.close();
    const ask = async (times: number): Promise<Record<string, number>> => {
      const answers: Record<string, number> = {};
      for (let i = 0; i < times; i++) {
        const socket = connect(port, '127.0.0.1');
        const id = String(await new Promise((resolve) => socket.once('data', resolve)));
        answers[id] = (answers[id] ?? 0) + 1;
      }
      return answers;
    };
    const both = await ask(60);
    forked[0].process.kill('SIGKILL');
    await new Promise((resolve) => forked[0].once('exit', resolve));
    const rest = await ask(20);
    forked[1].process.kill();
    return { both, rest };
  };

  test.skipIf(sharesNoPorts)('has a listener in each worker, by reusePort', async () => {
    const outcome = await inChild(script, { argument: 'reusePort' });
    expect(outcome).toMatchObject({ code: 0, stderr: '', result: { rest: { 2: 20 } } });
    const { both } = outcome.result as { both: Record<string, number> };
    expect(Object.keys(both)).toEqual(['1', '2']);
    expect(total(both)).toBe(60);
  });

  test('has one socket for all workers, by its descriptor', async () => {
    const outcome = await inChild(script, { argument: 'fd' });
    expect(outcome).toMatchObject({ code: 0, stderr: '', result: { rest: { 2: 20 } } });
    expect(total((outcome.result as { both: Record<string, number> }).both)).toBe(60);
  });
});
