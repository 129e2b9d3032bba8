import { comparisonOf, datagramQuestion, LIMIT, type Program, SINK, SOURCE } from './datagrams';
import { script } from './programs';
import type { Comparison, Context, Target } from './question';
import { formatNumber } from './table';

const DGRAM = 'node:dgram';
const SEND = 'iomux send';
const SEND_MANY = 'iomux sendMany';
const RECEIVE = 'iomux receive(into)';
const RECEIVE_MANY = 'iomux receiveMany';
const C_GSO = 'C with GSO';
const C_GRO = 'C with GRO';

/** Datagrams per second that every receiver can take. */
const RATE = 100_000;
const FULL_SPEED = 0;
/** The receive buffer behind a measured sender, in bytes: some milliseconds of the fastest one. */
const BUFFER = String(32 << 20);
/** How many of the comparisons are made, from the first one on. */
const COUNTS = { quick: 1, normal: 5, full: Infinity } as const;

function sendersOf(node: string): Record<string, Program> {
  const iomux = [node, script('peers/datagram-send-iomux')];
  return {
    [SEND]: { command: iomux, method: ['send'] },
    [SEND_MANY]: { command: iomux, method: ['sendMany'] },
    [DGRAM]: { command: [node, script('peers/datagram-send-dgram')], method: [] },
    [LIMIT]: { command: [SOURCE], method: ['sendmmsg'] },
  };
}

function receiversOf(node: string): Record<string, Program> {
  const iomux = [node, script('peers/datagram-receive-iomux')];
  return {
    [RECEIVE]: { command: iomux, method: ['receive'] },
    [RECEIVE_MANY]: { command: iomux, method: ['receiveMany'] },
    [DGRAM]: { command: [node, script('peers/datagram-receive-dgram')], method: [] },
    [LIMIT]: { command: [SINK], method: ['recvmmsg'] },
  };
}

/**
 * The receiver behind a measured sender. It wants every datagram by itself, so that the kernel has to cut
 * up what GSO left whole.
 */
const PLAIN_SINK: Program = { command: [SINK], method: ['recvmmsg', BUFFER] };

/**
 * Datagrams of one size, which GSO can send together, or `mixed` ones that grow by a byte each, which it
 * cannot.
 */
function sending(size: number, mixed: boolean, context: Context): Comparison {
  const sizes = mixed ? `${String(size)}-${String(size + 31)}` : String(size);
  const offload = { [C_GSO]: { command: [SOURCE], method: ['gso'] } };
  return comparisonOf(
    {
      title: mixed
        ? `sending ${sizes} B, no two of a size in a row`
        : `sending ${formatNumber(size)} B`,
      parameters: { sending: 1, size, mixed: Number(mixed) },
    },
    { ...sendersOf(context.node), ...(mixed ? {} : offload) },
    (sender) => ({
      sender,
      receiver: PLAIN_SINK,
      measured: 'sender',
      sizes,
      overUnix: false,
      counted: size === 64 && !mixed,
    }),
    context,
  );
}

/** Only what a sender with GSO has sent together can be received together. */
function receiving(size: number, rate: number, gso: boolean, context: Context): Comparison {
  const speed =
    rate === FULL_SPEED ? 'more than can be taken' : `${formatNumber(rate)}/s in bursts of 32`;
  const method = [gso ? 'gso' : 'sendmmsg', ...(rate === FULL_SPEED ? [] : [String(rate)])];
  const sender = { command: [SOURCE], method };
  const offload = { [C_GRO]: { command: [SINK], method: ['gro'] } };
  return comparisonOf(
    {
      title: `receiving ${formatNumber(size)} B, ${speed}, sent ${gso ? 'with' : 'without'} GSO`,
      parameters: { sending: 0, size, rate, gso: Number(gso) },
    },
    { ...receiversOf(context.node), ...(gso ? offload : {}) },
    (receiver) => ({
      sender,
      receiver,
      measured: 'receiver',
      sizes: String(size),
      overUnix: false,
      counted: size === 64 && rate !== FULL_SPEED && !gso,
    }),
    context,
  );
}

function comparisons(context: Context): Comparison[] {
  const all = [
    sending(64, false, context),
    sending(64, true, context),
    receiving(64, RATE, false, context),
    receiving(64, RATE, true, context),
    sending(1200, false, context),
    receiving(1200, RATE, false, context),
    receiving(64, FULL_SPEED, false, context),
  ];
  return all.slice(0, COUNTS[context.extent]);
}

function targets(): Target[] {
  const sent = { metric: 'datagramsPerSecond', peer: SEND_MANY, base: DGRAM };
  const received = { metric: 'cpuPerDatagram', peer: RECEIVE_MANY, base: DGRAM, atMost: 1 / 3 };
  const paced = { sending: 0, rate: RATE };
  return [
    ...[64, 1200].map((size) => ({ at: { sending: 1, size, mixed: 0 }, ...sent, atLeast: 3 })),
    { at: { sending: 1, size: 64, mixed: 1 }, ...sent, atLeast: 1.4 },
    { at: { ...paced, size: 64, gso: 0 }, ...received },
    { at: { ...paced, size: 64, gso: 1 }, ...received },
    { at: { ...paced, size: 1200, gso: 0 }, ...received },
  ];
}

export const udp = datagramQuestion({
  name: 'udp',
  asks: 'How many datagrams does one core send or receive over UDP, and what does each cost?',
  base: DGRAM,
  note: 'The senders send to C without GRO: what the kernel saves by GSO is its way to the receiver',
  plots: [
    { metric: 'datagramsPerSecond', label: 'datagrams/s' },
    { metric: 'cpuPerDatagram', label: 'cpu µs for each datagram' },
  ],
  comparisons,
  targets,
});
