// Measures the three kinds of server-kinds.mts: the time until all connections are served, messages per
// second, and the memory of all threads and processes together (Linux).
// Usage: servers-compared.mts [CONNECTIONS [MESSAGES]]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { connect, type Stream } from 'iomux/net';

const [connections = 20, messages = 1000] = process.argv.slice(2).map(Number);
const program = fileURLToPath(import.meta.url).replace('servers-compared', 'server-kinds');
const rows: Record<string, unknown> = {};
for (const kind of ['thread', 'threads', 'processes']) rows[kind] = await measure(kind);
console.table(rows);

async function measure(kind: string): Promise<Record<string, number>> {
  const server = spawn(process.execPath, [...process.execArgv, program, kind, '0']);
  server.stderr.pipe(process.stderr);
  const [line] = (await once(server.stdout, 'data')) as [Buffer];
  const port = Number(/port (\d+)/.exec(String(line))?.[1]);
  const started = performance.now();
  const streams = await Promise.all(Array.from({ length: connections }, () => connect({ port })));
  await Promise.all(streams.map((stream) => ask(stream, 1)));
  const served = performance.now();
  await Promise.all(streams.map((stream) => ask(stream, messages)));
  const seconds = (performance.now() - served) / 1000;
  const memory = memoryOf(`${server.pid}`);
  for (const stream of streams) stream.destroy();
  server.kill();
  return {
    'all served after ms': Math.round(served - started),
    'messages per second': Math.round((connections * messages) / seconds),
    'MiB of memory': Math.round(memory),
  };
}

async function ask(stream: Stream, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await stream.write('x');
    await stream.readExactly(1);
  }
}

/** The memory of a process and its children; shared pages are divided among those that share them. */
function memoryOf(pid: string): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  const all = [pid, ...children].filter((each) => each !== '');
  const files = all.map((each) => readFileSync(`/proc/${each}/smaps_rollup`, 'utf8'));
  return files.reduce((sum, file) => sum + Number(/^Pss: +(\d+)/m.exec(file)?.[1]) / 1024, 0);
}
