import { comparisonOf, datagramQuestion, LIMIT, type Program, SINK, SOURCE } from './datagrams';
import { withPeerPackages } from './peer-packages';
import { script } from './programs';
import type { Comparison, Context } from './question';

const IOMUX = { send: 'iomux send', trySend: 'iomux trySend', sendMany: 'iomux sendMany' };
const IOMUX_IN = { receive: 'iomux receive(into)', receiveMany: 'iomux receiveMany' };
const NPM = 'npm unix-dgram';

/** In bytes, as of a metric of statsd. */
const SIZE = '64';
const SINK_PROGRAM: Program = { command: [SINK], method: ['recvmmsg'] };
const SOURCE_PROGRAM: Program = { command: [SOURCE], method: ['sendmmsg'] };

/** The peer from npm, if it was installed. */
function npmPeer({ node, peerPackages }: Context, name: string): Record<string, Program> {
  if (peerPackages === undefined) return {};
  return { [NPM]: { command: withPeerPackages(peerPackages, [node, script(name)]), method: [] } };
}

function comparisons(context: Context): Comparison[] {
  if (context.extent === 'quick') return [];
  const { node } = context;
  const shared = { sizes: SIZE, overUnix: true, counted: true };
  const send = [node, script('peers/datagram-send-iomux')];
  const receive = [node, script('peers/datagram-receive-iomux')];
  return [
    comparisonOf(
      { title: `sending ${SIZE} B`, parameters: { sending: 1 } },
      {
        [IOMUX.send]: { command: send, method: ['send'] },
        [IOMUX.trySend]: { command: send, method: ['trySend'] },
        [IOMUX.sendMany]: { command: send, method: ['sendMany'] },
        ...npmPeer(context, 'peers/datagram-send-unix-dgram'),
        [LIMIT]: SOURCE_PROGRAM,
      },
      (sender) => ({ ...shared, sender, receiver: SINK_PROGRAM, measured: 'sender' }),
      context,
    ),
    comparisonOf(
      { title: `receiving ${SIZE} B`, parameters: { sending: 0 } },
      {
        [IOMUX_IN.receive]: { command: receive, method: ['receive'] },
        [IOMUX_IN.receiveMany]: { command: receive, method: ['receiveMany'] },
        ...npmPeer(context, 'peers/datagram-receive-unix-dgram'),
        [LIMIT]: SINK_PROGRAM,
      },
      (receiver) => ({ ...shared, sender: SOURCE_PROGRAM, receiver, measured: 'receiver' }),
      context,
    ),
  ];
}

export const unixDgram = datagramQuestion({
  name: 'unix-dgram',
  asks: 'How many Unix datagrams of the size of a metric does one core send or receive per second?',
  base: NPM,
  note: `Without --peers all there is no ${NPM} to compare with`,
  comparisons,
  targets: () => [
    { at: { sending: 1 }, metric: 'datagramsPerSecond', peer: IOMUX.send, base: NPM, atLeast: 3 },
    {
      at: { sending: 0 },
      metric: 'datagramsPerSecond',
      peer: IOMUX_IN.receiveMany,
      base: NPM,
      atLeast: 3,
    },
  ],
});
