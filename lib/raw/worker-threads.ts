/** `node:worker_threads`, once it is needed: to load it takes 2 ms and 2 MiB, half of what iomux takes. */
export function workerThreads(): typeof import('node:worker_threads') {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import that can wait
  return require('node:worker_threads') as typeof import('node:worker_threads');
}
