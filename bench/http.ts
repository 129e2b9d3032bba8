import { busyMarks, cpuPerMessage, generate } from './load';
import type { Server } from './processes';
import { script } from './programs';
import type { Comparison, Context, Question, Sample, Target } from './question';
import { comparedColumns, formatCount, medianColumn, ratioColumn, shareColumn } from './table';
import { WarmServer } from './warm-server';
import { LEAD, NothingMeasured, WINDOW } from './window';

const IOMUX = 'iomux serveHttp';
const NET = 'node:http';

const CONNECTIONS = 50;
/** Seconds; longer than for an echo server, since V8 has more to optimise. */
const WARM_UP = 1.5;

async function measure(server: Server, context: Context): Promise<Sample> {
  const report = await generate('http_load', server, [CONNECTIONS, LEAD, WINDOW], context);
  const { messages, messagesPerSecond, p50, p99, generatorShare, serverShare } = report;
  if (messages === 0) throw new NothingMeasured('No request was answered');
  return {
    ...{ requestsPerSecond: messagesPerSecond, p50, p99 },
    ...{ cpuPerRequest: cpuPerMessage(report), generatorShare, serverShare },
  };
}

function comparisons(context: Context): Comparison[] {
  if (context.extent === 'quick') return [];
  const servers = {
    [IOMUX]: [context.node, script('servers/http-iomux')],
    [NET]: [context.node, script('servers/http-node')],
  };
  return [
    {
      title: `hello world, ${formatCount(CONNECTIONS, 'connection')} kept alive`,
      parameters: { connections: CONNECTIONS },
      peers: Object.entries(servers).map(([name, command]) => {
        const warm = new WarmServer(context, command, (server) =>
          generate('http_load', server, [CONNECTIONS, 0, WARM_UP], context),
        );
        return warm.peer(name, (server) => measure(server, context));
      }),
    },
  ];
}

function targets(): Target[] {
  return [{ at: {}, metric: 'requestsPerSecond', peer: IOMUX, base: NET, atLeast: 1 }];
}

export const http: Question = {
  name: 'http',
  asks: 'Does an HTTP server of Node lose or gain by our listener and streams?',
  columns: [
    ...comparedColumns('requests/s', 'requestsPerSecond', { base: NET }),
    medianColumn('p50 µs', 'p50', 1),
    medianColumn('p99 µs', 'p99', 1),
    medianColumn('cpu µs', 'cpuPerRequest', 2),
    ratioColumn(`cpu x ${NET}`, 'cpuPerRequest', () => NET),
    shareColumn('server core', 'serverShare'),
    shareColumn('generator core', 'generatorShare'),
  ],
  marks: busyMarks('the generator was the limit: the server can do more'),
  notes: () => ['cpu µs: of the server, per request'],
  comparisons,
  targets,
};
