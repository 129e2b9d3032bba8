import { setTimeout as sleep } from 'node:timers/promises';

import { echoServers, IOMUX, NET } from './echo-servers';
import { medianOf } from './harness';
import { load } from './load';
import { between, type Server } from './processes';
import type { Comparison, Context, Question, Sample, Target } from './question';
import { formatCount, medianColumn, ratioColumn, shareColumn, spreadColumn } from './table';
import { WarmServer } from './warm-server';

const CONNECTIONS = 500;
const SECONDS = 0.4;

/** The load goes on around the window, so that all of the window is under load. */
async function measure(server: Server, context: Context): Promise<Sample> {
  const traffic = { address: server.address, size: 64, connections: CONNECTIONS };
  const loading = load({ ...traffic, warmUp: 0.3, seconds: SECONDS + 0.1 }, context);
  // Awaited below; the sleeps may fail before.
  loading.catch(() => undefined);
  await sleep(350, undefined, { signal: context.signal });
  const before = await server.snapshot();
  await sleep(SECONDS * 1e3, undefined, { signal: context.signal });
  const after = await server.snapshot();
  const { timers = 0, typicallyLate = NaN, mostLate = NaN } = after;
  const { messagesPerSecond } = await loading;
  if (timers === 0) throw new Error('No timer fired while there was load');
  const serverShare = between(before, after).share;
  return { timers, typicallyLate, mostLate, messagesPerSecond, serverShare };
}

function comparisons(context: Context): Comparison[] {
  if (context.extent === 'quick') return [];
  return [
    {
      title: `a timer of 10 ms, beside ${formatCount(CONNECTIONS, 'connection')} that saturate the server`,
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
    { ...target, metric: 'typicallyLate' },
    { ...target, metric: 'mostLate' },
  ];
}

export const timers: Question = {
  name: 'timers',
  asks: 'How late are timers while there is always something to read?',
  columns: [
    medianColumn('median ms late', 'typicallyLate', 2),
    ratioColumn(`x ${NET}`, 'typicallyLate', () => NET),
    medianColumn('most ms late', 'mostLate', 2),
    spreadColumn('mostLate'),
    ratioColumn(`x ${NET}`, 'mostLate', () => NET),
    medianColumn('messages/s', 'messagesPerSecond'),
    shareColumn('server core', 'serverShare'),
  ],
  marks: [
    {
      sign: '‡',
      meaning: 'the core was not busy: other programs took their part, do not trust the row',
      applies: (peer) => medianOf(peer, 'serverShare') < 0.9,
    },
  ],
  plots: [{ metric: 'mostLate', label: 'the latest, ms' }],
  comparisons,
  targets,
};
