// A pool of processes. The main process accepts connections and passes their descriptors over Unix
// sockets to the workers in turn. A worker that dies is replaced. Usage: process-pool.mts [PORT [SIZE]]
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { listen, Stream } from 'iomux/net';
import { Socket } from 'iomux/socket';

const CHANNEL = 3; // the descriptor of the socket in a worker
const [port = '7000', size = '2'] = process.argv.slice(2);
const pool: Socket[] = [];
await (process.env['POOLED'] === undefined ? distribute() : serve());

async function distribute(): Promise<void> {
  for (let i = 0; i < Number(size); i++) start(i);
  const listener = await listen({ port: Number(port) });
  console.log('listening on port', listener.address.port);
  for (let next = 0; ; next = (next + 1) % pool.length) {
    const connection = await listener.accept();
    try {
      await pool[next].sendMessage('!', { descriptors: [connection] });
    } catch (error) {
      console.error(`a connection is lost: ${(error as Error).message}`); // the worker died
    }
    connection.destroy(); // the worker has a duplicate
  }
}

function start(index: number): void {
  const [ours, theirs] = Socket.pair();
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url)], {
    stdio: ['ignore', 'inherit', 'inherit', theirs.fd],
    env: { ...process.env, POOLED: 'yes' },
  });
  theirs.close();
  pool[index] = ours;
  child.once('exit', () => {
    ours.close();
    start(index);
  });
}

async function serve(): Promise<void> {
  using channel = Socket.fromFd(CHANNEL);
  for (;;) {
    const { length, descriptors } = await channel.receiveMessage(Buffer.alloc(1), {
      maxDescriptors: 1,
    });
    if (length === 0) return; // the main process has ended
    const client = Stream.fromFd(descriptors[0]);
    void echo(client).catch(() => client.destroy()); // reset by its peer
  }
}

async function echo(client: Stream): Promise<void> {
  await client.write(`served by ${process.pid}\n`);
  await client.pipeTo(client);
  await client.close();
}
