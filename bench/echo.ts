import { COUNTERS } from './counting';
import { counterOf } from './echo-counts';
import { busyMarks, cpuPerMessage, load } from './load';
import { Server } from './processes';
import type { Comparison, Context, Peer, Question, Sample } from './question';
import { canCountSystemCalls } from './system-calls';
import { comparedColumns, formatCount, formatNumber, medianColumn, shareColumn } from './table';
import { echoing, WarmServer } from './warm-server';
import { LEAD, WINDOW } from './window';

/** Messages of a size, over so many connections. */
export interface Shape {
  readonly size: number;
  readonly connections: number;
}

/** In what the echo over TCP and the one over Unix sockets differ. */
export interface EchoSubject extends Pick<Question, 'name' | 'asks' | 'targets'> {
  /** Whether the servers listen on a Unix socket rather than on a port. */
  readonly overUnix: boolean;
  readonly shapes: Readonly<Record<Context['extent'], readonly Shape[]>>;
  /**
   * The commands of the servers, by the names of the peers; each takes its address as the last argument.
   */
  servers(context: Context): Readonly<Record<string, readonly string[]>>;
  /** The peers that the others are compared with. */
  readonly base: string;
  readonly limit: string;
}

/** Every size with every number of connections. */
export function shapesOf(sizes: readonly number[], connections: readonly number[]): Shape[] {
  return sizes.flatMap((size) => connections.map((count) => ({ size, connections: count })));
}

async function measure(server: Server, shape: Shape, context: Context): Promise<Sample> {
  const report = await load(server, { ...shape, warmUp: LEAD, seconds: WINDOW }, context);
  const { messagesPerSecond, p50, p99, max, generatorShare, serverShare } = report;
  const shares = { generatorShare, serverShare };
  return { messagesPerSecond, p50, p99, max, ...shares, cpuPerMessage: cpuPerMessage(report) };
}

function comparisonsOf(subject: EchoSubject, context: Context): Comparison[] {
  return subject.shapes[context.extent].map((shape) => ({
    title: `${formatNumber(shape.size)} B, ${formatCount(shape.connections, 'connection')}`,
    parameters: { ...shape },
    peers: Object.entries(subject.servers(context)).map(([name, command]): Peer => {
      const { overUnix } = subject;
      const warm = new WarmServer(context, command, echoing(context, shape), overUnix);
      const peer = warm.peer(name, (server) => measure(server, shape, context));
      // One shape is enough: the others would say no more.
      const counts = shape.size === 64 && shape.connections === 50;
      const count = counts ? counterOf({ command, overUnix, shape, context }) : undefined;
      return count ? { ...peer, count } : peer;
    }),
  }));
}

/** The question how fast an echo server answers, over one kind of socket. */
export function echoQuestion(subject: EchoSubject): Question {
  return {
    name: subject.name,
    asks: subject.asks,
    columns: [
      ...comparedColumns('messages/s', 'messagesPerSecond', subject),
      medianColumn('p50 µs', 'p50', 1),
      medianColumn('p99 µs', 'p99', 1),
      medianColumn('cpu µs', 'cpuPerMessage', 2),
      shareColumn('server core', 'serverShare'),
      shareColumn('generator core', 'generatorShare'),
    ],
    counters: { operation: 'message', columns: COUNTERS },
    plots: [
      { metric: 'messagesPerSecond', label: 'messages/s' },
      { metric: 'p99', label: 'p99, µs' },
    ],
    marks: busyMarks('the generator was the limit: the server can do more', {
      // With one message in flight, each waits for the other.
      isAlways: ({ parameters }) => parameters['connections'] !== 1,
    }),
    notes: () => [
      'cpu µs: of the server, per message',
      ...(canCountSystemCalls() ? [] : ['System calls were not counted: strace is not installed']),
    ],
    comparisons: (context) => comparisonsOf(subject, context),
    targets: (nodeMajor) => subject.targets(nodeMajor),
  };
}
