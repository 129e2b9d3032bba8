import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** What a script can use in a Worker. */
export interface Packages {
  readonly iomux: typeof import('../../lib/index');
  readonly epoll: typeof import('../../lib/epoll');
  readonly net: typeof import('../../lib/net');
  readonly threads: typeof import('node:worker_threads');
}

const DIST = join(__dirname, '../../dist');

type WorkerScript<A, R> = (packages: Packages, argument: A) => R | Promise<R>;

/**
 * Runs a function in a Worker of this process, on dist/; what it returns is posted. It is sent as source,
 * so that it must refer to nothing outside.
 */
export function startWorker<A, R>(script: WorkerScript<A, R>, argument: A): Worker {
  const source = `
    const threads = require('node:worker_threads');
    const { parentPort, workerData } = threads;
    const load = (name) => require(${JSON.stringify(DIST)} + '/' + name);
    const packages = { iomux: load('index'), epoll: load('epoll'), net: load('net'), threads };
    const script = ${script.toString()};
    (async () => parentPort.postMessage(await script(packages, workerData)))();`;
  return new Worker(source, { eval: true, workerData: argument });
}

/** The same. Resolves with what it has returned when the Worker has ended. */
export async function inWorker<A, R>(script: WorkerScript<A, R>, argument: A): Promise<R> {
  const worker = startWorker(script, argument);
  let answer: unknown;
  worker.on('message', (value: unknown) => (answer = value));
  await new Promise<void>((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', () => {
      resolve();
    });
  });
  return answer as R;
}
