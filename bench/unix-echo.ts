import { echoQuestion } from './echo';
import { nativeProgram, script } from './programs';

const IOMUX = 'iomux promises';
const NET = 'node:net';
const LIMIT = 'C on epoll';

export const unixEcho = echoQuestion({
  name: 'unix-echo',
  asks: 'The same over Unix stream sockets: how many messages per second, and how fast?',
  overUnix: true,
  servers: ({ node }) => ({
    [IOMUX]: [node, script('servers/echo-iomux')],
    [NET]: [node, script('servers/echo-net')],
    [LIMIT]: [nativeProgram('echo_epoll')],
  }),
  base: NET,
  limit: LIMIT,
  targets() {
    const rate = { at: { size: 64, connections: 50 }, metric: 'messagesPerSecond', peer: IOMUX };
    return [
      { ...rate, base: NET, atLeast: 2 },
      { ...rate, base: LIMIT, atLeast: 0.95 },
    ];
  },
});
