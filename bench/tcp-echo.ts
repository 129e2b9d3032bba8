import { echoQuestion } from './echo';
import { nativeProgram, script } from './programs';

const IOMUX = 'iomux promises';
const NET = 'node:net';
const LIMIT = 'C on epoll';

export const tcpEcho = echoQuestion({
  name: 'tcp-echo',
  asks: 'How many messages per second does a TCP echo server answer on one core, and how fast?',
  overUnix: false,
  servers: ({ node }) => ({
    [IOMUX]: [node, script('servers/echo-iomux')],
    [NET]: [node, script('servers/echo-net')],
    'node:net onread': [node, script('servers/echo-net-onread')],
    [LIMIT]: [nativeProgram('echo_epoll')],
  }),
  base: NET,
  limit: LIMIT,
  targets(nodeMajor) {
    const busy = { size: 64, connections: 50 };
    const rate = { metric: 'messagesPerSecond', peer: IOMUX };
    return [
      // The net of Node 24 has become faster.
      { at: busy, ...rate, base: NET, atLeast: nodeMajor >= 24 ? 1.4 : 1.7 },
      { at: busy, ...rate, base: LIMIT, atLeast: 0.95 },
      { at: busy, metric: 'p99', peer: IOMUX, base: NET, atMost: 1 },
      { at: { size: 64, connections: 1 }, metric: 'p50', peer: IOMUX, base: LIMIT, atMost: 1.05 },
    ];
  },
});
