import { readFile } from 'node:fs/promises';

import { pinned } from './cores';
import { Server } from './processes';
import { nativeProgram, script } from './programs';
import type { Comparison, Context, Question, Sample, Target } from './question';
import { comparedColumns, formatCount, medianColumn, ratioColumn } from './table';

const IOMUX = 'iomux for await';
const NET = 'node:net';
const LIMIT = 'C on epoll';

const CONNECTIONS = 8000;
/** Opened first: by then a server has what it needs only once. */
const FIRST = 2000;
/**
 * V8 sizes the young generation of its heap by how fast connections come, not by how many there are: here
 * it must not grow. With `--expose-gc` the servers collect garbage before they answer.
 */
const FLAGS = ['--expose-gc', '--max-semi-space-size=1'];

function serversOf(node: string): Record<string, readonly string[]> {
  return {
    [IOMUX]: [node, ...FLAGS, script('servers/idle-iomux')],
    [NET]: [node, ...FLAGS, script('servers/echo-net'), 'heap'],
    [LIMIT]: [nativeProgram('echo_epoll')],
  };
}

/** In bytes, counted page by page: the counters of the process may lag behind. */
async function residentMemory(pid: number): Promise<number> {
  const smaps = await readFile(`/proc/${String(pid)}/smaps_rollup`, 'utf8');
  return Number(/^Rss:\s+(\d+) kB$/m.exec(smaps)?.[1]) * 1024;
}

async function measure(command: readonly string[], { cores, signal }: Context): Promise<Sample> {
  await using server = await Server.listen(pinned(cores.server, command), false, signal);
  const hold = (count: number): Promise<Server> => {
    const program = [nativeProgram('hold'), server.address, String(count)];
    return Server.start(pinned(cores.generator, program), signal);
  };
  const look = async (): Promise<Sample> => {
    // The server collects garbage first.
    const { heap = 0 } = await server.snapshot();
    return { heap, memory: await residentMemory(server.pid) };
  };
  /* eslint-disable @typescript-eslint/no-unused-vars -- they only have to stay until the end */
  await using _first = await hold(FIRST);
  const before = await look();
  await using _others = await hold(CONNECTIONS - FIRST);
  const after = await look();
  /* eslint-enable @typescript-eslint/no-unused-vars */
  const perConnection = (metric: string): number =>
    ((after[metric] ?? NaN) - (before[metric] ?? NaN)) / (CONNECTIONS - FIRST);
  return { memory: perConnection('memory'), heap: perConnection('heap') };
}

function comparisons(context: Context): Comparison[] {
  if (context.extent === 'quick') return [];
  return [
    {
      title: formatCount(CONNECTIONS, 'idle connection'),
      parameters: { connections: CONNECTIONS },
      turns: 1,
      peers: Object.entries(serversOf(context.node)).map(([name, command]) => ({
        name,
        measure: () => measure(command, context),
      })),
    },
  ];
}

function targets(): Target[] {
  const target = { at: {}, peer: IOMUX, base: NET, atMost: 1 / 4 };
  return [
    { ...target, metric: 'memory' },
    { ...target, metric: 'heap' },
  ];
}

export const idle: Question = {
  name: 'idle',
  asks: 'How much memory does a connection take that has answered a message and waits for the next?',
  columns: [
    ...comparedColumns('memory B', 'memory', { base: NET, limit: LIMIT }),
    medianColumn('heap B', 'heap'),
    ratioColumn(`heap x ${NET}`, 'heap', () => NET),
  ],
  plots: [
    { metric: 'memory', label: 'resident, bytes per connection' },
    { metric: 'heap', label: 'heap, bytes per connection' },
  ],
  notes: () => [
    'memory: what is resident, per connection; heap: what V8 cannot collect of it. The kernel has its own, for all alike',
  ],
  comparisons,
  targets,
};
