import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** What a script has at hand in a Worker. */
export interface Packages {
  readonly iomux: typeof import('../../lib/index');
  readonly epoll: typeof import('../../lib/epoll');
}

const DIST = join(__dirname, '../../dist');

/**
 * Runs a function in a Worker of this process, on the package as it was built, and answers with what
 * it returns when the Worker has ended. It goes over as source, so it must refer to nothing outside.
 */
export async function inWorker<A, R>(
  script: (packages: Packages, argument: A) => R | Promise<R>,
  argument: A,
): Promise<R> {
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    const load = (name) => require(${JSON.stringify(DIST)} + '/' + name);
    const packages = { iomux: load('index'), epoll: load('epoll') };
    const script = ${script.toString()};
    (async () => parentPort.postMessage(await script(packages, workerData)))();`;
  const worker = new Worker(source, { eval: true, workerData: argument });
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
