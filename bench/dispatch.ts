import { pinned } from './cores';
import { canCount, COUNTERS, counting, perOperation, type Counted } from './counting';
import { medianOf } from './harness';
import { withPeerPackages } from './peer-packages';
import { run } from './processes';
import { nativeProgram, script } from './programs';
import type { Comparison, Context, Peer, Question, Sample, Target } from './question';
import { formatCount, medianColumn, ratioColumn, shareColumn, spreadColumn } from './table';

const LIMIT = 'epoll_wait in C';
const CALLBACKS = { iomux: 'iomux callbacks', uvPoll: 'uv_poll_t each, callbacks' };
const NPM = 'npm epoll, callbacks';
const PROMISES = { iomux: 'iomux promises', uvPoll: 'uv_poll_t each, promises' };

const COUNTS = { quick: [1, 100], normal: [1, 100], full: [1, 10, 100, 1000] } as const;

/**
 * The programs that count events; each takes the number of descriptors, the warm-up and the time,
 * in seconds.
 */
function countersOf({ node, peerPackages }: Context): Record<string, readonly string[]> {
  const iomux = [node, script('peers/dispatch-iomux')];
  const uvPoll = [node, script('peers/dispatch-uv-poll')];
  return {
    [CALLBACKS.iomux]: [...iomux, 'callbacks'],
    [CALLBACKS.uvPoll]: [...uvPoll, 'callbacks'],
    [PROMISES.iomux]: [...iomux, 'promises'],
    [PROMISES.uvPoll]: [...uvPoll, 'promises'],
    ...(peerPackages === undefined
      ? {}
      : {
          [NPM]: withPeerPackages(peerPackages, [
            node,
            script('peers/dispatch-npm-epoll'),
            'callbacks',
          ]),
        }),
    [LIMIT]: [nativeProgram('epoll_wait_rate')],
  };
}

/** What a counter prints. */
interface Report {
  readonly events: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly looks: readonly Counted[];
}

async function countEvents(
  command: readonly string[],
  numbers: readonly number[],
  { cores, signal }: Context,
): Promise<Report> {
  const bound = pinned(cores.server, [...command, ...numbers.map(String)]);
  return JSON.parse(await run(bound, signal)) as Report;
}

async function measure(
  command: readonly string[],
  descriptors: number,
  context: Context,
): Promise<Sample> {
  const warmUp = context.extent === 'full' ? 0.2 : 0.1;
  const seconds = context.extent === 'full' ? 0.3 : 0.15;
  const report = await countEvents(command, [descriptors, warmUp, seconds], context);
  return {
    eventsPerSecond: report.events / report.seconds,
    share: report.cpuSeconds / report.seconds,
  };
}

/** So short that what is allocated in it needs no collection. */
const COUNTED_SECONDS = 0.02;

async function countPerEvent(
  command: readonly string[],
  descriptors: number,
  context: Context,
): Promise<Sample> {
  const counted = counting(context.node, command);
  const report = await countEvents(counted, [descriptors, 0.2, COUNTED_SECONDS], context);
  return perOperation(report.looks, report.events);
}

function comparisons(context: Context): Comparison[] {
  return COUNTS[context.extent].map((descriptors) => ({
    title: formatCount(descriptors, 'always-ready descriptor'),
    parameters: { descriptors },
    peers: Object.entries(countersOf(context)).map(([name, command]): Peer => {
      const peer = { name, measure: () => measure(command, descriptors, context) };
      if (!canCount(context.node, command)) return peer;
      return { ...peer, count: () => countPerEvent(command, descriptors, context) };
    }),
  }));
}

/** Callbacks are compared with callbacks and promises with promises. */
function baseOf(peer: string): string {
  return peer.endsWith('callbacks') ? CALLBACKS.uvPoll : PROMISES.uvPoll;
}

function targets(): Target[] {
  const metric = 'eventsPerSecond';
  const promises = { metric, peer: PROMISES.iomux, base: PROMISES.uvPoll };
  const callbacks = { metric, peer: CALLBACKS.iomux, base: CALLBACKS.uvPoll };
  return [
    { at: { descriptors: 100 }, ...callbacks, atLeast: 2.7 },
    { at: { descriptors: 100 }, ...promises, atLeast: 2.5 },
    { at: { descriptors: 1 }, ...promises, atLeast: 1.2 },
  ];
}

export const dispatch: Question = {
  name: 'dispatch',
  asks: 'How many readiness events per second reach JavaScript?',
  columns: [
    medianColumn('events/s', 'eventsPerSecond'),
    spreadColumn('eventsPerSecond'),
    ratioColumn('x uv_poll_t, same style', 'eventsPerSecond', baseOf),
    ratioColumn('x limit', 'eventsPerSecond', () => LIMIT),
    shareColumn('core', 'share'),
  ],
  counters: { operation: 'event', columns: COUNTERS },
  marks: [
    {
      sign: '‡',
      meaning: 'the core was not busy: other programs took their part, do not trust the row',
      applies: (peer) => medianOf(peer, 'share') < 0.95,
    },
  ],
  comparisons,
  targets,
};
