import { setTimeout as sleep } from 'node:timers/promises';

import { echoServers, IOMUX, NET } from './echo-servers';
import { busyMarks, load } from './load';
import { between, type Server } from './processes';
import type { Comparison, Context, Question, Sample, Target } from './question';
import { formatCount, medianColumn, ratioColumn, shareColumn, spreadColumn } from './table';
import { WarmServer } from './warm-server';
import { NothingMeasured } from './window';

const CONNECTIONS = 500;
const SECONDS = 0.15;

/** The load begins before the measured time and ends after it. */
async function measure(server: Server, context: Context): Promise<Sample> {
  const traffic = { size: 64, connections: CONNECTIONS, warmUp: 0.1, seconds: SECONDS + 0.1 };
  const loading = load(server, traffic, context);
  // Awaited below, unless a sleep fails first.
  loading.catch(() => undefined);
  await sleep(150, undefined, { signal: context.signal });
  const before = await server.snapshot();
  await sleep(SECONDS * 1e3, undefined, { signal: context.signal });
  const after = await server.snapshot();
  const { timers = 0, p50 = NaN, p90 = NaN, max = NaN } = after;
  const { messagesPerSecond, generatorShare } = await loading;
  if (timers === 0) throw new NothingMeasured('No timer fired');
  const serverShare = between(before, after).share;
  return {
    ...{ timers, p50, p90, max },
    ...{ messagesPerSecond, serverShare, generatorShare },
  };
}

function comparisons(context: Context): Comparison[] {
  if (context.extent === 'quick') return [];
  return [
    {
      title: `timers of 10 to 19 ms, beside ${formatCount(CONNECTIONS, 'connection')} that saturate the server`,
      parameters: { connections: CONNECTIONS },
      peers: Object.entries(echoServers(context.node, [IOMUX, NET])).map(([name, command]) => {
        const warm = new WarmServer(context, [...command, 'timers']);
        return warm.peer(name, (server) => measure(server, context));
      }),
    },
  ];
}

function targets(): Target[] {
  const target = { at: {}, peer: IOMUX, base: NET, atMost: 1 };
  return [
    { ...target, metric: 'p90' },
    { ...target, metric: 'max' },
  ];
}

export const timers: Question = {
  name: 'timers',
  asks: 'How late are timers while there is always something to read?',
  columns: [
    medianColumn('timers', 'timers'),
    medianColumn('p50 ms late', 'p50', 2),
    medianColumn('p90 ms late', 'p90', 2),
    spreadColumn('p90'),
    ratioColumn(`p90 x ${NET}`, 'p90', () => NET),
    medianColumn('max ms late', 'max', 2),
    ratioColumn(`max x ${NET}`, 'max', () => NET),
    medianColumn('messages/s', 'messagesPerSecond'),
    shareColumn('server core', 'serverShare'),
    shareColumn('generator core', 'generatorShare'),
  ],
  marks: busyMarks('the generator was the limit: the server was not as busy as it can be'),
  plots: [
    { metric: 'p90', label: 'p90, ms late' },
    { metric: 'max', label: 'the latest, ms late' },
  ],
  notes: () => ['Timers of Node are exact to a millisecond: a ratio of less says nothing'],
  comparisons,
  targets,
};
