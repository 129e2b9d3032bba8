import { setTimeout as sleep } from 'node:timers/promises';

import { pinned } from './cores';
import { medianOf } from './harness';
import { between, Server } from './processes';
import { nativeProgram, script } from './programs';
import type { Comparison, Context, PeerResult, Question, Sample, Target } from './question';
import { formatCount, medianColumn, ratioColumn, shareColumn, spreadColumn } from './table';

const IOMUX = 'iomux pipeTo';
const NET = 'node:net pipe';
const LIMIT = 'C with splice';

const COUNTS = { quick: [], normal: [1], full: [1, 50] };

function proxiesOf(node: string): Record<string, readonly string[]> {
  return {
    [IOMUX]: [node, script('servers/proxy-iomux'), 'pipeTo'],
    'iomux read, write': [node, script('servers/proxy-iomux'), 'copy'],
    [NET]: [node, script('servers/proxy-net')],
    [LIMIT]: [nativeProgram('splice_proxy')],
  };
}

/** The source and the sink share one core, and copy nothing; the proxy has the other. */
async function measure(
  proxy: readonly string[],
  connections: number,
  { cores, signal }: Context,
): Promise<Sample> {
  const start = (core: number, ...command: string[]): Promise<Server> =>
    Server.start(pinned(core, command), signal);
  await using sink = await start(cores.generator, nativeProgram('bulk_sink'), '0');
  await using server = await start(cores.server, ...proxy, '0', sink.address);
  await using source = await start(
    cores.generator,
    nativeProgram('bulk_source'),
    server.address,
    String(connections),
  );
  const look = () => Promise.all([source.snapshot(), server.snapshot(), sink.snapshot()]);
  await sleep(200, undefined, { signal });
  const before = await look();
  await sleep(250, undefined, { signal });
  const after = await look();

  const sent = between(before[0], after[0]);
  const forwarded = between(before[1], after[1]);
  const received = between(before[2], after[2]);
  if (received.bytes === 0) throw new Error('Nothing arrived in the measured time');
  return {
    gigabytesPerSecond: received.bytes / received.seconds / 1e9,
    cpuPerGibibyte: forwarded.cpuSeconds / (received.bytes / 2 ** 30),
    share: forwarded.share,
    generatorShare: sent.share + received.share,
  };
}

function comparisons(context: Context): Comparison[] {
  const counts = COUNTS[context.extent];
  return counts.map((connections) => ({
    title: `one direction, ${formatCount(connections, 'connection')}`,
    parameters: { connections },
    peers: Object.entries(proxiesOf(context.node)).map(([name, proxy]) => ({
      name,
      measure: () => measure(proxy, connections, context),
    })),
  }));
}

function targets(): Target[] {
  const one = { at: { connections: 1 }, peer: IOMUX };
  return [
    { ...one, metric: 'gigabytesPerSecond', base: NET, atLeast: 3 },
    { ...one, metric: 'cpuPerGibibyte', base: NET, atMost: 1 / 3 },
    { ...one, metric: 'gigabytesPerSecond', base: LIMIT, atLeast: 0.9 },
  ];
}

function isLimitedByGenerator(peer: PeerResult): boolean {
  return medianOf(peer, 'generatorShare') > 0.97 && medianOf(peer, 'share') < 0.93;
}

export const proxy: Question = {
  name: 'proxy',
  asks: 'How much does a TCP forwarder on one core forward, and what does it cost?',
  columns: [
    medianColumn('GB/s', 'gigabytesPerSecond', 2),
    spreadColumn('gigabytesPerSecond'),
    ratioColumn(`x ${NET}`, 'gigabytesPerSecond', () => NET),
    ratioColumn('x C', 'gigabytesPerSecond', () => LIMIT),
    medianColumn('cpu s/GiB', 'cpuPerGibibyte', 3),
    ratioColumn(`cpu x ${NET}`, 'cpuPerGibibyte', () => NET),
    shareColumn('proxy core', 'share'),
    shareColumn('generator core', 'generatorShare'),
  ],
  plots: [
    { metric: 'gigabytesPerSecond', label: 'GB/s' },
    { metric: 'cpuPerGibibyte', label: 'cpu s/GiB' },
  ],
  marks: [
    {
      sign: '†',
      meaning: 'the generator was the limit: the proxy can do more, see its processor time',
      applies: isLimitedByGenerator,
    },
    {
      sign: '‡',
      meaning: 'neither core was busy: other programs took their part, do not trust the row',
      applies: (peer) => Math.max(medianOf(peer, 'share'), medianOf(peer, 'generatorShare')) < 0.9,
    },
  ],
  notes: () => [
    'cpu s/GiB: of the proxy; generator core: that of the source and of the sink, which share one',
  ],
  comparisons,
  targets,
};
