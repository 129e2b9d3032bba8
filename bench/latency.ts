import { echoServers, IOMUX, LIMIT, NET } from './echo-servers';
import { cpuPerMessage, isTimetableMissed, load } from './load';
import type { Server } from './processes';
import type { Comparison, Context, Question, Sample, Target } from './question';
import { formatCount, medianColumn, ratioColumn, shareColumn, spreadColumn } from './table';
import { echoing, startWarm, WarmServer } from './warm-server';
import { LEAD, WINDOW } from './window';

const SIZE = 64;
const CONNECTIONS = 50;
/** As a share of what node:net can answer. */
const LOAD = 0.5;

const TRAFFIC = { size: SIZE, connections: CONNECTIONS, warmUp: LEAD };

/** The messages per second that a server can answer with a whole core. */
async function mostOf(command: readonly string[], context: Context): Promise<number> {
  await using server = await startWarm(context, command, echoing(context));
  const report = await load(server, { ...TRAFFIC, seconds: 0.3 }, context);
  return report.messagesPerSecond / report.serverShare;
}

async function measure(server: Server, rate: number, context: Context): Promise<Sample> {
  const report = await load(server, { ...TRAFFIC, seconds: WINDOW, rate }, context);
  const { messagesPerSecond, p50, p99, p999, max, generatorShare, serverShare } = report;
  return {
    ...{ rate, messagesPerSecond, p50, p99, p999, max },
    ...{ generatorShare, serverShare, cpuPerMessage: cpuPerMessage(report) },
  };
}

function comparisons(context: Context): Comparison[] {
  if (context.extent === 'quick') return [];
  const servers = echoServers(context.node, [IOMUX, NET, LIMIT]);
  // Measured once, before the first round.
  let most: Promise<number> | undefined;
  const rateOf = async (): Promise<number> => {
    most ??= mostOf(servers[NET] ?? [], context);
    return Math.ceil((await most) * LOAD);
  };
  return [
    {
      title: `64 B, ${formatCount(CONNECTIONS, 'connection')}, half as many messages as ${NET} can answer`,
      parameters: { size: SIZE, connections: CONNECTIONS, load: LOAD },
      peers: Object.entries(servers).map(([name, command]) => {
        const warm = new WarmServer(context, command);
        return warm.peer(name, async (server) => measure(server, await rateOf(), context));
      }),
    },
  ];
}

function targets(): Target[] {
  return [{ at: {}, metric: 'p99', peer: IOMUX, base: NET, atMost: 1 }];
}

export const latency: Question = {
  name: 'latency',
  asks: 'How long does an answer take at the same load for all?',
  columns: [
    medianColumn('messages/s', 'messagesPerSecond'),
    medianColumn('p50 µs', 'p50', 1),
    medianColumn('p99 µs', 'p99', 1),
    spreadColumn('p99'),
    ratioColumn(`p99 x ${NET}`, 'p99', () => NET),
    medianColumn('p99.9 µs', 'p999', 1),
    medianColumn('cpu µs', 'cpuPerMessage', 2),
    shareColumn('server core', 'serverShare'),
    shareColumn('generator core', 'generatorShare'),
  ],
  plots: [
    { metric: 'p50', label: 'p50, µs' },
    { metric: 'p99', label: 'p99, µs' },
  ],
  marks: [
    {
      sign: '‡',
      meaning:
        'the generator had not all of its core, or the rate was not kept: do not trust the row',
      applies: isTimetableMissed,
    },
  ],
  notes: () => [
    'Messages leave by a timetable, and a latency begins when its message was due; cpu µs: of the server, per message',
  ],
  comparisons,
  targets,
};
