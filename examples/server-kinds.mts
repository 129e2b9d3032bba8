// Three kinds of echo server: one thread for all connections, a thread for each, or a process for each,
// like inetd. Usage: server-kinds.mts thread|threads|processes [PORT]
// servers-compared.mts measures them.
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { Stream } from 'iomux/net';
import { AF_INET, SO_REUSEADDR, SOCK_STREAM, Socket, SOL_SOCKET } from 'iomux/socket';

const [kind = 'thread', port = '7000'] = process.argv.slice(2);
const program = [...process.execArgv, fileURLToPath(import.meta.url)];
if (!isMainThread) await echo(workerData as number);
else if (kind === 'connection') await echo(0);
else await serve();

async function serve(): Promise<void> {
  const listener = new Socket(AF_INET, SOCK_STREAM);
  listener.setOption(SOL_SOCKET, SO_REUSEADDR, 1);
  listener.bind({ address: '0.0.0.0', port: Number(port), family: 'IPv4' });
  listener.listen();
  console.log('listening on port', (listener.localAddress as { port: number }).port);
  for (;;) {
    const fd = (await listener.accept()).detach();
    if (kind === 'threads') new Worker(new URL(import.meta.url), { workerData: fd });
    else if (kind === 'processes') startProcess(fd);
    else void echo(fd);
  }
}

function startProcess(fd: number): void {
  // The connection is its standard input.
  spawn(process.execPath, [...program, 'connection'], { stdio: [fd, 'ignore', 'inherit'] });
  closeSync(fd); // the other process has a duplicate
}

async function echo(fd: number): Promise<void> {
  const stream = Stream.fromFd(fd);
  await stream.pipeTo(stream).catch(() => stream.destroy()); // reset by its peer
  await stream.close();
}
