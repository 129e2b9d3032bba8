import { pinned } from './cores';
import { busyMarks } from './load';
import { between, Server } from './processes';
import { nativeProgram, script } from './programs';
import type { Comparison, Context, Question, Sample, Target } from './question';
import { comparedColumns, formatNumber, medianColumn, ratioColumn, shareColumn } from './table';
import { WarmServer, working } from './warm-server';
import { lookTwice, NothingMeasured } from './window';

const IOMUX = 'iomux serve';
const NET = 'node:net';
const LIMIT = 'C on epoll';

/** Connections that are open at a time, or about to be. */
const IN_FLIGHT = 64;

/** Seconds of warm-up after which even node:net gets no faster, without a message and with one. */
const WARM_UP = { close: 1, answer: 2 } as const;

/** The commands of the servers, which take what to do with a connection, and the address. */
function serversOf(node: string): Record<string, readonly string[]> {
  return {
    [IOMUX]: [node, script('servers/accept-iomux')],
    [NET]: [node, script('servers/accept-net')],
    [LIMIT]: [nativeProgram('acceptor')],
  };
}

/** Starts the generator, which connects without a break until it is ended. */
function connect(server: Server, size: number, { cores, signal }: Context): Promise<Server> {
  const counts = [String(IN_FLIGHT), String(size)];
  const connector = [nativeProgram('connector'), server.address, ...counts];
  return Server.start(pinned(cores.generator, connector), signal);
}

async function measure(server: Server, size: number, context: Context): Promise<Sample> {
  await using connector = await connect(server, size, context);
  const look = () => Promise.all([connector.snapshot(), server.snapshot()]);
  const [before, after] = await lookTwice(context, look);

  const made = between(before[0], after[0]);
  const served = between(before[1], after[1]);
  if (made.connections === 0) throw new NothingMeasured('No connection was served');
  const connectionsPerSecond = made.connections / made.seconds;
  return {
    connectionsPerSecond,
    cpuPerConnection: (served.share / connectionsPerSecond) * 1e6,
    share: served.share,
    generatorShare: made.share,
  };
}

function comparisons(context: Context): Comparison[] {
  const sizes = context.extent === 'quick' ? [0] : [0, 64];
  return sizes.map((size) => ({
    title:
      size === 0
        ? 'connect, accept, close'
        : `connect, accept, ${formatNumber(size)} B to and fro, close`,
    parameters: { size },
    peers: Object.entries(serversOf(context.node)).map(([name, command]) => {
      const method = size === 0 ? 'close' : 'answer';
      const start = (server: Server) => connect(server, size, context);
      const warm = new WarmServer(
        context,
        [...command, method],
        working(WARM_UP[method], start, context),
      );
      return warm.peer(name, (server) => measure(server, size, context));
    }),
  }));
}

function targets(): Target[] {
  const rate = { metric: 'connectionsPerSecond', peer: IOMUX, base: NET, atLeast: 2 };
  const cost = { metric: 'cpuPerConnection', peer: IOMUX, base: NET, atMost: 1 / 2 };
  return [0, 64].flatMap((size) => [
    { at: { size }, ...rate },
    { at: { size }, ...cost },
  ]);
}

export const accept: Question = {
  name: 'accept',
  asks: 'How many connections per second does a server on one core accept and close?',
  columns: [
    ...comparedColumns('connections/s', 'connectionsPerSecond', { base: NET, limit: LIMIT }),
    medianColumn('cpu µs', 'cpuPerConnection', 2),
    ratioColumn(`cpu x ${NET}`, 'cpuPerConnection', () => NET),
    shareColumn('server core', 'share'),
    shareColumn('generator core', 'generatorShare'),
  ],
  plots: [
    { metric: 'connectionsPerSecond', label: 'connections/s' },
    { metric: 'cpuPerConnection', label: 'cpu µs for each connection' },
  ],
  marks: busyMarks('the generator was the limit: the server can do more, see its processor time', {
    server: 'share',
  }),
  notes: () => [
    'cpu µs: of the server, per connection. Over loopback, the one who connects makes the handshake of both',
  ],
  comparisons,
  targets,
};
