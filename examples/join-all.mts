// Runs many tasks, at most four at a time, and collects their results. When one fails, the others are
// cancelled and awaited, as with gevent's joinall. Here the tasks ask servers for their greetings.
// Usage: join-all.mts HOST:PORT..., such as: join-all.mts localhost:22 localhost:25
import { connect } from 'iomux/net';

type Task<T> = (signal: AbortSignal) => Promise<T>;

try {
  const targets = process.argv.slice(2);
  const greetings = await joinAll(
    targets.map((target) => (signal) => greeting(target, signal)),
    4,
  );
  targets.forEach((target, i) => console.log(`${target}: ${greetings[i]}`));
} catch (error) {
  console.log(`no greetings: ${(error as Error).message}`);
  process.exitCode = 1;
}

/** Resolves to the results in the order of the tasks. When it rejects, no task is running any more. */
async function joinAll<T>(tasks: Iterable<Task<T>>, most: number): Promise<T[]> {
  const cancellation = new AbortController();
  const { signal } = cancellation;
  const results: T[] = [];
  const queue = [...tasks].entries(); // shared: each worker takes the next task
  const runner = async (): Promise<void> => {
    for (const [i, task] of queue) {
      if (signal.aborted) return;
      try {
        results[i] = await task(signal);
      } catch (error) {
        cancellation.abort(error); // the first error is the reason
      }
    }
  };
  await Promise.all(Array.from({ length: most }, runner));
  signal.throwIfAborted();
  return results;
}

async function greeting(target: string, signal: AbortSignal): Promise<string | null> {
  const colon = target.lastIndexOf(':');
  const [host, port] = [target.slice(0, colon), Number(target.slice(colon + 1))];
  await using stream = await connect({ host, port }, { signal });
  return await stream.readLine({ signal });
}
