import { echoQuestion, shapesOf } from './echo';
import { echoServers, IOMUX, LIMIT, NET } from './echo-servers';

export const unixEcho = echoQuestion({
  name: 'unix-echo',
  asks: 'The same over Unix stream sockets: how many messages per second, and how fast?',
  overUnix: true,
  shapes: {
    quick: [],
    normal: shapesOf([64], [50]),
    full: shapesOf([64, 1024, 16384], [1, 50, 500]),
  },
  servers: ({ node }) => echoServers(node),
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
