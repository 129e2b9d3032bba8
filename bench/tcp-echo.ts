import { load, type LoadReport } from './load';
import { pinned } from './cores';
import { medianOf } from './harness';
import { Server } from './processes';
import { nativeProgram, script } from './programs';
import type {
  Comparison,
  Context,
  Peer,
  PeerResult,
  Question,
  Result,
  Sample,
  Target,
} from './question';
import { canCountSystemCalls, countSystemCalls } from './system-calls';
import {
  countColumn,
  formatCount,
  formatNumber,
  medianColumn,
  ratioColumn,
  shareColumn,
  spreadColumn,
} from './table';

const IOMUX = 'iomux promises';
const NET = 'node:net';
const LIMIT = 'C on epoll';

/** Enough for V8 to optimise what it will optimise in a fresh process. */
const WARM_UP = 0.3;

interface Shape {
  readonly size: number;
  readonly connections: number;
}

function serversOf(node: string): Record<string, readonly string[]> {
  return {
    [IOMUX]: [node, script('servers/echo-iomux')],
    [NET]: [node, script('servers/echo-net')],
    'node:net onread': [node, script('servers/echo-net-onread')],
    [LIMIT]: [nativeProgram('echo_epoll')],
  };
}

function shapesOf(quick: boolean): Shape[] {
  const sizes = quick ? [64] : [64, 1024, 16384];
  const connections = quick ? [1, 50] : [1, 50, 500];
  return sizes.flatMap((size) => connections.map((count) => ({ size, connections: count })));
}

async function measure(
  command: readonly string[],
  shape: Shape,
  context: Context,
): Promise<Sample> {
  const { cores, signal, quick } = context;
  await using server = await Server.start(pinned(cores.server, command), signal);
  const report = await load(
    {
      ...shape,
      port: server.port,
      serverPid: server.pid,
      warmUp: WARM_UP,
      seconds: quick ? 0.3 : 0.6,
    },
    context,
  );
  const { messagesPerSecond, p50, p99, max, generatorShare, serverShare } = report;
  if (serverShare === null) throw new Error('The load generator did not watch the server');
  // What a message costs even where another program takes its part of the core.
  const cpuPerMessage = (serverShare / messagesPerSecond) * 1e6;
  return { messagesPerSecond, p50, p99, max, generatorShare, serverShare, cpuPerMessage };
}

/**
 * The slope between a short and a long run: starting, accepting and closing are in both and fall
 * out. Only the number of calls counts; the clock means nothing under strace.
 */
async function countPerMessage(
  command: readonly string[],
  shape: Shape,
  context: Context,
): Promise<Sample> {
  const countDuring = async (seconds: number): Promise<{ calls: number; messages: number }> => {
    let report: LoadReport | undefined;
    const calls = await countSystemCalls(command, async (traced) => {
      await using server = await Server.start(pinned(context.cores.server, traced), context.signal);
      report = await load({ ...shape, port: server.port, warmUp: 0, seconds }, context);
    });
    return { calls, messages: report?.totalMessages ?? NaN };
  };
  const short = await countDuring(0.1);
  const long = await countDuring(0.7);
  return { systemCalls: (long.calls - short.calls) / (long.messages - short.messages) };
}

function comparisons(context: Context): Comparison[] {
  const canCount = canCountSystemCalls();
  return shapesOf(context.quick).map((shape) => ({
    title: `${formatNumber(shape.size)} B, ${formatCount(shape.connections, 'connection')}`,
    parameters: { ...shape },
    peers: Object.entries(serversOf(context.node)).map(([name, command]): Peer => {
      const peer = { name, measure: () => measure(command, shape, context) };
      if (!canCount || shape.size !== 64 || shape.connections === 500) return peer;
      return { ...peer, count: () => countPerMessage(command, shape, context) };
    }),
  }));
}

function targets(nodeMajor: number): Target[] {
  const busy = { size: 64, connections: 50 };
  const rate = { metric: 'messagesPerSecond', peer: IOMUX };
  return [
    // The net of Node 24 has become faster.
    { at: busy, ...rate, base: NET, atLeast: nodeMajor >= 24 ? 1.4 : 1.7 },
    { at: busy, ...rate, base: LIMIT, atLeast: 0.95 },
    { at: busy, metric: 'p99', peer: IOMUX, base: NET, atMost: 1 },
    { at: { size: 64, connections: 1 }, metric: 'p50', peer: IOMUX, base: LIMIT, atMost: 1.05 },
  ];
}

/** With the generator busy and the server not, the server could do more than the number says. */
function isLimitedByGenerator(peer: PeerResult): boolean {
  return medianOf(peer, 'generatorShare') > 0.97 && medianOf(peer, 'serverShare') < 0.93;
}

/** Messages are always under way, so with many of them either side has something to do. */
function isDisturbed(peer: PeerResult, { parameters }: Result): boolean {
  const busiest = Math.max(medianOf(peer, 'generatorShare'), medianOf(peer, 'serverShare'));
  return parameters['connections'] !== 1 && busiest < 0.9;
}

export const tcpEcho: Question = {
  name: 'tcp-echo',
  asks: 'How many messages per second does a TCP echo server answer on one core, and how fast?',
  columns: [
    medianColumn('messages/s', 'messagesPerSecond'),
    spreadColumn('messagesPerSecond'),
    ratioColumn(`x ${NET}`, 'messagesPerSecond', () => NET),
    ratioColumn('x C', 'messagesPerSecond', () => LIMIT),
    medianColumn('p50 µs', 'p50', 1),
    medianColumn('p99 µs', 'p99', 1),
    medianColumn('cpu µs', 'cpuPerMessage', 2),
    shareColumn('server core', 'serverShare'),
    shareColumn('generator core', 'generatorShare'),
    countColumn('calls', 'systemCalls', 2),
  ],
  marks: [
    {
      sign: '†',
      meaning: 'the generator was the limit: the server can do more',
      applies: isLimitedByGenerator,
    },
    {
      sign: '‡',
      meaning: 'neither core was busy: other programs took their part, do not trust the row',
      applies: isDisturbed,
    },
  ],
  notes: () => [
    'cpu µs: of the server, per message; calls: system calls of the server per message',
    ...(canCountSystemCalls() ? [] : ['System calls were not counted: strace is not installed']),
  ],
  comparisons,
  targets,
};
