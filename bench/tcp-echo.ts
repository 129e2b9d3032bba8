import { echoQuestion, shapesOf } from './echo';
import { echoServers, IOMUX, LIBUV, LIMIT, NET, ONREAD } from './echo-servers';
import { onBun, onDeno } from './peer-packages';
import { script } from './programs';

const BUN = 'Bun.listen';

export const tcpEcho = echoQuestion({
  name: 'tcp-echo',
  asks: 'How many messages per second does a TCP echo server answer on one core, and how fast?',
  overUnix: false,
  shapes: {
    quick: shapesOf([64], [50]),
    normal: [...shapesOf([64], [1, 50]), { size: 16384, connections: 50 }],
    full: shapesOf([64, 1024, 16384], [1, 50, 500]),
  },
  servers: ({ node, peerPackages }) => ({
    ...echoServers(node, [IOMUX, NET, ONREAD]),
    ...(peerPackages === undefined
      ? {}
      : {
          [BUN]: onBun(peerPackages, script('servers/echo-bun')),
          'Deno.listen': onDeno(peerPackages, script('servers/echo-deno')),
        }),
    ...echoServers(node, [LIBUV, LIMIT]),
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
      { at: busy, ...rate, base: BUN, atLeast: 1 },
      { at: { size: 64, connections: 1 }, metric: 'p50', peer: IOMUX, base: LIMIT, atMost: 1.05 },
    ];
  },
});
