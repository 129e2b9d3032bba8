import { medianOf } from './harness';
import type { Server, Snapshot } from './processes';
import { nativeProgram, script } from './programs';
import type { Comparison, Context, Question, Sample, Target } from './question';
import { comparedColumns, formatCount, formatNumber, medianColumn, shareColumn } from './table';
import { takingTurns, WarmServer } from './warm-server';
import { WINDOW } from './window';

const CALLBACKS = 'iomux callbacks';
const EPOLL = 'iomux Epoll, blocking';
const UV_POLL = 'uv_poll_t each';
const LIMIT = 'C on epoll';

const COUNTS = { quick: [1000], normal: [100, 8000], full: [100, 400, 1000, 4000, 8000] };
const FEW = 100;
const MANY = 8000;
/**
 * Pairs of which select(2) can watch all: a pair has two descriptors, the process has some more, and a set
 * holds 1,024.
 */
const MOST_FOR_SELECT = 490;
const ACTIVE = 100;
/** Writes of one run. */
const WRITES = 1000;
/** Seconds of a turn that do not count, in which the bytes spread over the ring. */
const LEAD = 0.01;
const WARM_UP_TURNS = 12;

/** The programs that count events, in turns; each takes the sizes and the times. */
function countersOf({ node, extent }: Context, pairs: number): Record<string, readonly string[]> {
  const iomux = [node, script('peers/ring-iomux')];
  return {
    [CALLBACKS]: [...iomux, 'callbacks'],
    [EPOLL]: [...iomux, 'epoll'],
    ...(extent === 'full' ? { 'iomux Poller, blocking': [...iomux, 'poller'] } : {}),
    'iomux poll, blocking': [...iomux, 'poll'],
    ...(pairs <= MOST_FOR_SELECT ? { 'iomux select, blocking': [...iomux, 'select'] } : {}),
    [UV_POLL]: [node, script('peers/ring-uv-poll'), 'callbacks'],
    [LIMIT]: [nativeProgram('ring_epoll')],
  };
}

async function measure(counter: Server): Promise<Sample> {
  const report = (await counter.snapshot()) as Snapshot & { events: number };
  return {
    eventsPerSecond: report.events / report.seconds,
    cpuPerEvent: (report.cpuSeconds / report.events) * 1e6,
    share: report.cpuSeconds / report.seconds,
  };
}

function comparisons(context: Context): Comparison[] {
  return COUNTS[context.extent].map((pairs) => ({
    title: `${formatCount(pairs, 'pair')}, ${formatNumber(ACTIVE)} active, ${formatNumber(WRITES)} writes`,
    parameters: { pairs },
    peers: Object.entries(countersOf(context, pairs)).map(([name, command]) => {
      const numbers = [pairs, ACTIVE, WRITES, LEAD, WINDOW].map(String);
      const warm = new WarmServer(context, [...command, ...numbers], takingTurns(WARM_UP_TURNS));
      return warm.peer(name, measure);
    }),
  }));
}

function targets(): Target[] {
  const metric = 'eventsPerSecond';
  const flat = { at: { pairs: MANY }, baseAt: { pairs: FEW }, metric, atLeast: 0.7 };
  return [
    ...[FEW, 1000, MANY].map((pairs) => ({
      ...{ at: { pairs }, metric, peer: CALLBACKS, base: UV_POLL, atLeast: 1.5 },
    })),
    ...[CALLBACKS, EPOLL].map((peer) => ({ ...flat, peer, base: peer })),
  ];
}

export const ring: Question = {
  name: 'ring',
  asks: 'What does an event cost when few of many descriptors are active?',
  columns: [
    ...comparedColumns('events/s', 'eventsPerSecond', { base: UV_POLL, limit: LIMIT }),
    medianColumn('cpu µs', 'cpuPerEvent', 2),
    shareColumn('core', 'share'),
  ],
  marks: [
    {
      sign: '‡',
      meaning: 'the core was not busy: other programs took their part, do not trust the row',
      applies: (peer) => medianOf(peer, 'share') < 0.9,
    },
  ],
  plots: [
    {
      metric: 'eventsPerSecond',
      label: 'events/s',
      along: { parameter: 'pairs', label: 'socket pairs', scale: 'log' },
      scale: 'log',
    },
  ],
  pictured: true,
  notes: () => [
    'An event is a wake-up, a read and a write of one byte, as in the bench.c of libevent; with many pairs, reading and writing miss the caches of the processor',
  ],
  comparisons,
  targets,
};
