// Producers and consumers with a bounded queue between them. Every line from a client is a job. While
// the queue is full, no more is read, and over TCP the clients have to wait too.
// Usage: bounded-queue.mts [PORT [CONSUMERS]]; try it with: seq 100 | nc -N localhost 7000
import { setTimeout as sleep } from 'node:timers/promises';
import { listen } from 'iomux/net';

class BoundedQueue<T> {
  readonly #items: T[] = [];
  readonly #most: number;
  #putting: (() => void)[] = [];
  #taking: ((item: T) => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Waits while the queue is full. */
  async put(item: T): Promise<void> {
    while (this.#items.length === this.#most) {
      await new Promise<void>((resolve) => this.#putting.push(resolve));
    }
    const take = this.#taking.shift();
    if (take === undefined) this.#items.push(item);
    else take(item);
  }

  /** Waits while the queue is empty. */
  take(): Promise<T> {
    this.#putting.shift()?.();
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve) => this.#taking.push(resolve));
  }
}

const [port = '7000', consumers = '2'] = process.argv.slice(2);
const jobs = new BoundedQueue<string>(8);
const listener = await listen({ port: Number(port) });
console.log('taking jobs on port', listener.address.port);

for (let i = 1; i <= Number(consumers); i++) void consume(i);
await listener.serve(async (client) => {
  for (let job; (job = await client.readLine()) !== null;) await jobs.put(job);
});

async function consume(number: number): Promise<never> {
  for (;;) {
    const job = await jobs.take();
    await sleep(10); // the work
    console.log(`consumer ${number} has done ${job.slice(0, 40)}`);
  }
}
