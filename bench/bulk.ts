import { pinned } from './cores';
import { busyMarks } from './load';
import { between, Server } from './processes';
import { nativeProgram, script } from './programs';
import type { Comparison, Context, Question, Sample, Target } from './question';
import { comparedColumns, medianColumn, ratioColumn, shareColumn } from './table';
import { WarmServer, working } from './warm-server';
import { lookTwice, NothingMeasured } from './window';

const IOMUX = 'iomux';
const NET = 'node:net';
const LIMIT = 'C';

/** Seconds of warm-up after which even node:net gets no faster. */
const WARM_UP = 1.2;

const SENDER = 'sender';
const RECEIVER = 'receiver';
type Role = typeof SENDER | typeof RECEIVER;

const SOURCE = nativeProgram('bulk_source');
const SINK = nativeProgram('bulk_sink');

/** The other end of the connection. Neither copies, so that neither is the limit. */
const COUNTERPARTS: Readonly<Record<Role, readonly string[]>> = {
  [SENDER]: [SINK, 'connect'],
  [RECEIVER]: [SOURCE, '1'],
};

/** The servers, which send or receive as much as they can over each connection. */
function serversOf(role: Role, node: string): Record<string, readonly string[]> {
  if (role === SENDER) {
    return {
      [IOMUX]: [node, script('servers/bulk-send-iomux')],
      [NET]: [node, script('servers/bulk-send-net')],
      [LIMIT]: [SOURCE, 'copy'],
    };
  }
  return {
    [IOMUX]: [node, script('servers/bulk-receive-iomux')],
    [NET]: [node, script('servers/bulk-receive-net')],
    'node:net onread': [node, script('servers/bulk-receive-net-onread')],
    [LIMIT]: [SINK, 'copy'],
  };
}

/** Starts the other end, which connects and works until it is ended. */
function connect(role: Role, server: Server, { cores, signal }: Context): Promise<Server> {
  return Server.start(pinned(cores.generator, [...COUNTERPARTS[role], server.address]), signal);
}

async function measure(role: Role, server: Server, context: Context): Promise<Sample> {
  await using other = await connect(role, server, context);
  const look = () => Promise.all([server.snapshot(), other.snapshot()]);
  const [before, after] = await lookTwice(context, look);

  const subject = between(before[0], after[0]);
  const counterpart = between(before[1], after[1]);
  // What a sender has written may still be in its buffers: what counts is what has arrived.
  const received = role === SENDER ? counterpart : subject;
  if (received.bytes === 0) throw new NothingMeasured('Nothing arrived');
  const bytesPerSecond = received.bytes / received.seconds;
  return {
    gigabytesPerSecond: bytesPerSecond / 1e9,
    cpuPerGibibyte: (subject.share / bytesPerSecond) * 2 ** 30,
    share: subject.share,
    otherShare: counterpart.share,
  };
}

function comparisonOf(role: Role, title: string, context: Context): Comparison {
  return {
    title,
    parameters: { sending: Number(role === SENDER) },
    peers: Object.entries(serversOf(role, context.node)).map(([name, command]) => {
      const start = (server: Server) => connect(role, server, context);
      const warm = new WarmServer(context, command, working(WARM_UP, start, context));
      return warm.peer(name, (server) => measure(role, server, context));
    }),
  };
}

function comparisons(context: Context): Comparison[] {
  const receiving = comparisonOf(RECEIVER, 'receiving, into 64 KiB', context);
  if (context.extent === 'quick') return [receiving];
  return [receiving, comparisonOf(SENDER, 'sending, 64 KiB at a time', context)];
}

function targets(): Target[] {
  const metric = 'gigabytesPerSecond';
  return [0, 1].flatMap((sending) => [
    { at: { sending }, metric, peer: IOMUX, base: NET, atLeast: 1.5 },
    { at: { sending }, metric, peer: IOMUX, base: LIMIT, atLeast: 0.9 },
  ]);
}

export const bulk: Question = {
  name: 'bulk',
  asks: 'How much does one connection carry in one direction, and what does it cost?',
  columns: [
    ...comparedColumns('GB/s', 'gigabytesPerSecond', { base: NET, limit: LIMIT, digits: 2 }),
    medianColumn('cpu s/GiB', 'cpuPerGibibyte', 3),
    ratioColumn(`cpu x ${NET}`, 'cpuPerGibibyte', () => NET),
    shareColumn('core', 'share'),
    shareColumn('other core', 'otherShare'),
  ],
  plots: [
    { metric: 'gigabytesPerSecond', label: 'GB/s' },
    { metric: 'cpuPerGibibyte', label: 'cpu s/GiB' },
  ],
  marks: busyMarks('the other end was the limit: this one can do more, see its processor time', {
    server: 'share',
    generator: 'otherShare',
    disturbed: 'neither core was busy: other programs took their part, or the kernel paced',
  }),
  notes: () => ['cpu s/GiB: of the measured end'],
  comparisons,
  targets,
};
