import { echoServers, IOMUX, LIMIT, NET } from './echo-servers';
import { medianOf } from './harness';
import { isTimetableMissed, load } from './load';
import type { Server } from './processes';
import type { Comparison, Context, Question, Sample, Target } from './question';
import { formatCount, medianColumn, ratioColumn, shareColumn, spreadColumn } from './table';
import { WarmServer } from './warm-server';
import { LEAD } from './window';

const OTHERS = 499;
/** Messages per second of all the others together: a small part of what a server can answer. */
const RATE = 5000;
/** Seconds that count; longer than elsewhere, since a p99 of fewer messages says little. */
const WINDOW = 0.12;

async function measure(server: Server, context: Context): Promise<Sample> {
  const traffic = { size: 64, connections: OTHERS, busy: 1, rate: RATE };
  const report = await load(server, { ...traffic, warmUp: LEAD, seconds: WINDOW }, context);
  const { messagesPerSecond, p50, p99, p999, max, seconds, busyBytes } = report;
  const { generatorShare, serverShare } = report;
  return {
    ...{ rate: RATE, messagesPerSecond, p50, p99, p999, max },
    busyGigabytesPerSecond: busyBytes / seconds / 1e9,
    ...{ generatorShare, serverShare },
  };
}

function comparisons(context: Context): Comparison[] {
  if (context.extent === 'quick') return [];
  return [
    {
      title: `${formatCount(OTHERS, 'connection')} with 5,000 messages/s, beside one that floods`,
      parameters: { connections: OTHERS, rate: RATE },
      peers: Object.entries(echoServers(context.node, [IOMUX, NET, LIMIT])).map(([name, command]) =>
        new WarmServer(context, command).peer(name, (server) => measure(server, context)),
      ),
    },
  ];
}

function targets(): Target[] {
  return [{ at: {}, metric: 'p99', peer: IOMUX, base: NET, atMost: 1 }];
}

export const fairness: Question = {
  name: 'fairness',
  asks: 'How long do the others wait when one connection is as busy as it can be?',
  columns: [
    medianColumn('p50 µs', 'p50', 1),
    medianColumn('p99 µs', 'p99', 1),
    spreadColumn('p99'),
    ratioColumn(`p99 x ${NET}`, 'p99', () => NET),
    medianColumn('p99.9 µs', 'p999', 1),
    medianColumn('busy GB/s', 'busyGigabytesPerSecond', 2),
    shareColumn('server core', 'serverShare'),
    shareColumn('generator core', 'generatorShare'),
  ],
  marks: [
    {
      sign: '‡',
      meaning:
        'other programs took their part of a core, or the rate was not kept: do not trust the row',
      applies: (peer) => isTimetableMissed(peer) || medianOf(peer, 'serverShare') < 0.9,
    },
  ],
  plots: [{ metric: 'p99', label: 'p99 of the others, µs' }],
  notes: () => [
    'µs: of the others, whose messages leave by a timetable; busy: 16 messages of 16 KiB under way',
  ],
  comparisons,
  targets,
};
