import { pinned } from './cores';
import { COUNTERS, counting, perOperation, runsOn, type Counted } from './counting';
import { medianOf } from './harness';
import { withPeerPackages } from './peer-packages';
import { Server, type Snapshot } from './processes';
import { nativeProgram, script } from './programs';
import type { Comparison, Context, Peer, Question, Sample, Target } from './question';
import { formatCount, medianColumn, ratioColumn, shareColumn, spreadColumn } from './table';
import { takingTurns, WarmServer } from './warm-server';
import { WINDOW } from './window';

const LIMIT = 'epoll_wait in C';
const CALLBACKS = { iomux: 'iomux callbacks', uvPoll: 'uv_poll_t each, callbacks' };
const NPM = 'npm epoll, callbacks';
const PROMISES = { iomux: 'iomux promises', uvPoll: 'uv_poll_t each, promises' };
/** The cost of a promise and its await in V8 alone. */
const NO_KERNEL = 'no kernel, promises';

/** Seconds of a turn that do not count. Few are enough, since nothing has to arrive first. */
const LEAD = 0.01;
/** Turns of warm-up after which promises get no faster. */
const WARM_UP_TURNS = 12;

const COUNTS = { quick: [1, 100], normal: [1, 100], full: [1, 10, 100, 1000] } as const;

/**
 * The programs that count events, in turns. Each takes the number of descriptors, the seconds of a turn
 * that do not count, and those that do.
 */
function countersOf({ node, peerPackages }: Context): Record<string, readonly string[]> {
  const iomux = [node, script('peers/dispatch-iomux')];
  const uvPoll = [node, script('peers/dispatch-uv-poll')];
  return {
    [CALLBACKS.iomux]: [...iomux, 'callbacks'],
    [CALLBACKS.uvPoll]: [...uvPoll, 'callbacks'],
    [PROMISES.iomux]: [...iomux, 'promises'],
    [PROMISES.uvPoll]: [...uvPoll, 'promises'],
    [NO_KERNEL]: [node, script('peers/dispatch-promises'), 'promises'],
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

/** What such a program answers. */
interface Report extends Snapshot {
  readonly events: number;
  readonly looks: readonly Counted[];
}

/** Has a program take one turn. */
async function takeTurn(counter: Server): Promise<Report> {
  return (await counter.snapshot()) as Report;
}

async function measure(counter: Server): Promise<Sample> {
  const report = await takeTurn(counter);
  return {
    eventsPerSecond: report.events / report.seconds,
    share: report.cpuSeconds / report.seconds,
  };
}

/** Seconds of a count: so few that no garbage is collected. */
const COUNTED_SECONDS = 0.02;

async function countPerEvent(
  command: readonly string[],
  descriptors: number,
  { node, cores, signal }: Context,
): Promise<Sample> {
  const numbers = [descriptors, 0.2, COUNTED_SECONDS].map(String);
  const counted = [...counting(node, command), ...numbers];
  await using counter = await Server.start(pinned(cores.server, counted), signal);
  const report = await takeTurn(counter);
  return perOperation(report.looks, report.events);
}

function comparisons(context: Context): Comparison[] {
  return COUNTS[context.extent].map((descriptors) => ({
    title: formatCount(descriptors, 'always-ready descriptor'),
    parameters: { descriptors },
    peers: Object.entries(countersOf(context)).map(([name, command]): Peer => {
      const numbers = [descriptors, LEAD, WINDOW].map(String);
      const warm = new WarmServer(context, [...command, ...numbers], takingTurns(WARM_UP_TURNS));
      const peer = warm.peer(name, measure);
      if (!runsOn(context.node, command)) return peer;
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
    { at: { descriptors: 1 }, ...callbacks, atLeast: 1.2 },
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
