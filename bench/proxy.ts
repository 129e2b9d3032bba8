import { pinned } from './cores';
import { busyMarks } from './load';
import { between, Pair, Server } from './processes';
import { nativeProgram, script } from './programs';
import type { Comparison, Context, Question, Sample, Target } from './question';
import { comparedColumns, formatCount, medianColumn, ratioColumn, shareColumn } from './table';
import { Shared, startWarm, working } from './warm-server';
import { lookTwice, NothingMeasured } from './window';

const IOMUX = 'iomux pipeTo';
const NET = 'node:net pipe';
const LIMIT = 'C with splice';

/** Seconds of warm-up after which even node:net gets no faster. */
const WARM_UP = 1.2;

const COUNTS = { quick: [], normal: [1], full: [1, 50] };

function proxiesOf(node: string): Record<string, readonly string[]> {
  return {
    [IOMUX]: [node, script('servers/proxy-iomux'), 'pipeTo'],
    'iomux read, write': [node, script('servers/proxy-iomux'), 'copy'],
    [NET]: [node, script('servers/proxy-net')],
    [LIMIT]: [nativeProgram('splice_proxy')],
  };
}

/** Starts the source. It shares a core with the sink, and neither copies; the proxy has the other core. */
function connect(proxy: Server, connections: number, { cores, signal }: Context): Promise<Server> {
  const source = [nativeProgram('bulk_source'), String(connections), proxy.address];
  return Server.start(pinned(cores.generator, source), signal);
}

async function measure(
  { source: proxy, sink }: Pair,
  connections: number,
  context: Context,
): Promise<Sample> {
  await using source = await connect(proxy, connections, context);
  const look = () => Promise.all([source.snapshot(), proxy.snapshot(), sink.snapshot()]);
  const [before, after] = await lookTwice(context, look);

  const sent = between(before[0], after[0]);
  const forwarded = between(before[1], after[1]);
  const received = between(before[2], after[2]);
  if (received.bytes === 0) throw new NothingMeasured('Nothing arrived');
  return {
    gigabytesPerSecond: received.bytes / received.seconds / 1e9,
    cpuPerGibibyte: forwarded.cpuSeconds / (received.bytes / 2 ** 30),
    share: forwarded.share,
    generatorShare: sent.share + received.share,
  };
}

/** A warm proxy, and the sink that it forwards to. */
function startProxy(
  command: readonly string[],
  connections: number,
  context: Context,
): Promise<Pair> {
  const { cores, signal } = context;
  const warmUp = working(WARM_UP, (proxy) => connect(proxy, connections, context), context);
  const sink = pinned(cores.generator, [nativeProgram('bulk_sink'), 'forget']);
  return Pair.start(
    () => Server.listen(sink, false, signal),
    ({ address }) => startWarm(context, [...command, address], warmUp),
  );
}

function comparisons(context: Context): Comparison[] {
  const counts = COUNTS[context.extent];
  return counts.map((connections) => ({
    title: `one direction, ${formatCount(connections, 'connection')}`,
    parameters: { connections },
    peers: Object.entries(proxiesOf(context.node)).map(([name, command]) =>
      new Shared(() => startProxy(command, connections, context)).peer(name, (pair) =>
        measure(pair, connections, context),
      ),
    ),
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

export const proxy: Question = {
  name: 'proxy',
  asks: 'How much does a TCP forwarder on one core forward, and what does it cost?',
  columns: [
    ...comparedColumns('GB/s', 'gigabytesPerSecond', { base: NET, limit: LIMIT, digits: 2 }),
    medianColumn('cpu s/GiB', 'cpuPerGibibyte', 3),
    ratioColumn(`cpu x ${NET}`, 'cpuPerGibibyte', () => NET),
    shareColumn('proxy core', 'share'),
    shareColumn('generator core', 'generatorShare'),
  ],
  plots: [
    { metric: 'gigabytesPerSecond', label: 'GB/s' },
    { metric: 'cpuPerGibibyte', label: 'cpu s/GiB' },
  ],
  marks: busyMarks('the generator was the limit: the proxy can do more, see its processor time', {
    server: 'share',
  }),
  notes: () => [
    'cpu s/GiB: of the proxy; generator core: that of the source and of the sink, which share one',
  ],
  comparisons,
  targets,
};
