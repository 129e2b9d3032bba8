import { pinned } from './cores';
import { medianOf } from './harness';
import { withPeerPackages } from './peer-packages';
import { run } from './processes';
import { nativeProgram, script } from './programs';
import type { Comparison, Context, Question, Sample, Target } from './question';
import { formatCount, medianColumn, ratioColumn, shareColumn, spreadColumn } from './table';

const LIMIT = 'epoll_wait in C';
const CALLBACKS = { iomux: 'iomux callbacks', uvPoll: 'uv_poll_t each, callbacks' };
const NPM = 'npm epoll, callbacks';
const PROMISES = { iomux: 'iomux promises', uvPoll: 'uv_poll_t each, promises' };

const COUNTS = { quick: [1, 100], normal: [1, 100, 1000], full: [1, 10, 100, 1000] } as const;

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

async function measure(
  command: readonly string[],
  descriptors: number,
  context: Context,
): Promise<Sample> {
  const warmUp = context.extent === 'quick' ? 0.1 : 0.2;
  const seconds = context.extent === 'quick' ? 0.15 : 0.3;
  const numbers = [descriptors, warmUp, seconds].map(String);
  const output = await run(pinned(context.cores.server, [...command, ...numbers]), context.signal);
  const report = JSON.parse(output) as {
    events: number;
    seconds: number;
    cpuSeconds: number;
  };
  return {
    eventsPerSecond: report.events / report.seconds,
    share: report.cpuSeconds / report.seconds,
  };
}

function comparisons(context: Context): Comparison[] {
  return COUNTS[context.extent].map((descriptors) => ({
    title: formatCount(descriptors, 'always-ready descriptor'),
    parameters: { descriptors },
    peers: Object.entries(countersOf(context)).map(([name, command]) => ({
      name,
      measure: () => measure(command, descriptors, context),
    })),
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
