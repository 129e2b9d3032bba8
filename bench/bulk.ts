import { setTimeout as sleep } from 'node:timers/promises';

import { pinned } from './cores';
import { medianOf } from './harness';
import { between, Server } from './processes';
import { nativeProgram, script } from './programs';
import type { Comparison, Context, PeerResult, Question, Sample, Target } from './question';
import { medianColumn, ratioColumn, shareColumn, spreadColumn } from './table';

const IOMUX = 'iomux';
const NET = 'node:net';
const LIMIT = 'C';

const SENDER = 'sender';
const RECEIVER = 'receiver';
type Role = typeof SENDER | typeof RECEIVER;

/** The command of one end, for the address that it is given. */
type End = (address: string) => readonly string[];

const SOURCE = nativeProgram('bulk_source');
const SINK = nativeProgram('bulk_sink');

/** The other end of what is measured: neither copies, so that neither is the limit. */
const COUNTERPARTS: Readonly<Record<Role, End>> = {
  [SENDER]: (address) => [SOURCE, address, '1'],
  [RECEIVER]: (address) => [SINK, address],
};

function endsOf(role: Role, node: string): Record<string, End> {
  const server =
    (name: string): End =>
    (address) => [node, script(`servers/${name}`), address];
  if (role === SENDER) {
    return {
      [IOMUX]: server('bulk-send-iomux'),
      [NET]: server('bulk-send-net'),
      [LIMIT]: (address) => [SOURCE, address, '1', 'copy'],
    };
  }
  return {
    [IOMUX]: server('bulk-receive-iomux'),
    [NET]: server('bulk-receive-net'),
    'node:net onread': server('bulk-receive-net-onread'),
    [LIMIT]: (address) => [SINK, address, 'copy'],
  };
}

async function measure(role: Role, end: End, { cores, signal }: Context): Promise<Sample> {
  const start = (starting: Role, address: string): Promise<Server> => {
    const [core, commandFor] =
      starting === role ? [cores.server, end] : [cores.generator, COUNTERPARTS[starting]];
    return Server.start(pinned(core, commandFor(address)), signal);
  };
  await using receiver = await start(RECEIVER, '0');
  await using sender = await start(SENDER, receiver.address);
  const look = () => Promise.all([sender.snapshot(), receiver.snapshot()]);
  await sleep(200, undefined, { signal });
  const before = await look();
  await sleep(200, undefined, { signal });
  const after = await look();

  const sent = between(before[0], after[0]);
  // What a sender has written may still be its own; what counts has arrived.
  const received = between(before[1], after[1]);
  if (received.bytes === 0) throw new Error('Nothing arrived in the measured time');
  const [subject, other] = role === SENDER ? [sent, received] : [received, sent];
  const bytesPerSecond = received.bytes / received.seconds;
  return {
    gigabytesPerSecond: bytesPerSecond / 1e9,
    cpuPerGibibyte: (subject.share / bytesPerSecond) * 2 ** 30,
    share: subject.share,
    otherShare: other.share,
  };
}

function comparisonOf(role: Role, title: string, context: Context): Comparison {
  return {
    title,
    parameters: { sending: Number(role === SENDER) },
    peers: Object.entries(endsOf(role, context.node)).map(([name, end]) => ({
      name,
      measure: () => measure(role, end, context),
    })),
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

function isLimitedByOther(peer: PeerResult): boolean {
  return medianOf(peer, 'otherShare') > 0.97 && medianOf(peer, 'share') < 0.93;
}

export const bulk: Question = {
  name: 'bulk',
  asks: 'How much does one connection carry in one direction, and what does it cost?',
  columns: [
    medianColumn('GB/s', 'gigabytesPerSecond', 2),
    spreadColumn('gigabytesPerSecond'),
    ratioColumn(`x ${NET}`, 'gigabytesPerSecond', () => NET),
    ratioColumn('x C', 'gigabytesPerSecond', () => LIMIT),
    medianColumn('cpu s/GiB', 'cpuPerGibibyte', 3),
    ratioColumn(`cpu x ${NET}`, 'cpuPerGibibyte', () => NET),
    shareColumn('core', 'share'),
    shareColumn('other core', 'otherShare'),
  ],
  plots: [
    { metric: 'gigabytesPerSecond', label: 'GB/s' },
    { metric: 'cpuPerGibibyte', label: 'cpu s/GiB' },
  ],
  marks: [
    {
      sign: '†',
      meaning: 'the other end was the limit: this one can do more, see its processor time',
      applies: isLimitedByOther,
    },
    {
      sign: '‡',
      meaning: 'neither core was busy: other programs took their part, or the kernel paced',
      applies: (peer) => Math.max(medianOf(peer, 'share'), medianOf(peer, 'otherShare')) < 0.9,
    },
  ],
  notes: () => ['cpu s/GiB: of the measured end'],
  comparisons,
  targets,
};
