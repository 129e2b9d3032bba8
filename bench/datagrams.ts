import { setTimeout as sleep } from 'node:timers/promises';

import { pinned } from './cores';
import { COUNTERS, counting, perOperation, runsOn } from './counting';
import { medianOf } from './harness';
import { isNeitherBusy } from './load';
import { between, orDispose, Pair, Server, type Snapshot, type Window } from './processes';
import { isNative, nativeProgram } from './programs';
import type {
  Comparison,
  Context,
  Mark,
  Peer,
  PeerResult,
  Question,
  Result,
  Sample,
} from './question';
import { comparedColumns, formatPercent, medianColumn, ratioColumn, shareColumn } from './table';
import { canCountSystemCalls, systemCallsPerOperation } from './system-calls';
import { Shared, WarmServer, working } from './warm-server';
import { lookTwice, NothingMeasured, type Span } from './window';

/** A program that sends or receives datagrams. It takes the sizes, the method, and the address. */
export interface Program {
  readonly command: readonly string[];
  readonly method: readonly string[];
}

/** Datagrams from one program to another, on two cores. One of the two is measured. */
export interface Traffic {
  readonly sender: Program;
  readonly receiver: Program;
  readonly measured: 'sender' | 'receiver';
  /** Bytes of every datagram, or `LEAST-MOST` for sizes that grow by a byte each. */
  readonly sizes: string;
  readonly overUnix: boolean;
  /**
   * Whether the exact costs are counted too. They need not be where they would be the same as elsewhere.
   */
  readonly counted?: boolean;
}

/** The name of the limit in the tables. */
export const LIMIT = 'C';
/** The limits, and the counterparts of what is measured. */
export const SOURCE = nativeProgram('datagram_source');
export const SINK = nativeProgram('datagram_sink');

/** Seconds of warm-up after which receivers get no faster. */
const WARM_UP = 0.8;
/** The same for senders; those in C need none. */
const WARM_UP_OF_SENDER = 0.35;
const FLOOD: Program = { command: [SOURCE], method: ['sendmmsg'] };

/** Every datagram must have arrived as it was sent, neither cut off nor joined to another. */
function checkSizes(received: Window, sizes: string): void {
  const [least = NaN, most = least] = sizes.split('-').map(Number);
  const average = received.bytes / received.datagrams;
  if (average < least || average > most)
    throw new Error('The datagrams have other sizes than sent');
}

/** The command of a program, which takes the address as its last argument. */
function commandOf(program: Program, { sizes }: Traffic): string[] {
  return [...program.command, sizes, ...program.method];
}

/** Wraps the command of the measured program, in strace for example. */
type Wrap = (command: readonly string[]) => readonly string[];

/** Starts both programs of the traffic, which flows from then on. */
function startPair(
  traffic: Traffic,
  { cores, signal }: Context,
  wrapMeasured: Wrap = (command) => command,
): Promise<Pair> {
  const { sender, receiver, measured, overUnix } = traffic;
  const commandFor = (role: Traffic['measured'], program: Program): string[] => {
    const command = commandOf(program, traffic);
    if (role !== measured) return pinned(cores.generator, command);
    return pinned(cores.server, wrapMeasured(command));
  };
  return Pair.start(
    () => Server.listen(commandFor('receiver', receiver), overUnix, signal),
    ({ address }) => Server.start([...commandFor('sender', sender), address], signal),
  );
}

/** What each program had counted and spent when the measured time began, and when it ended. */
type Watched = Record<'source' | 'sink', [Snapshot, Snapshot]>;

async function watch(
  { source, sink }: Pick<Pair, 'source' | 'sink'>,
  context: Context,
  span?: Span,
): Promise<Watched> {
  const look = () => Promise.all([source.snapshot(), sink.snapshot()]);
  const [before, after] = await lookTwice(context, look, span);
  return { source: [before[0], after[0]], sink: [before[1], after[1]] };
}

/** The same for two programs that are started for it. */
async function watchFresh(
  traffic: Traffic,
  context: Context,
  wrap: Wrap,
  window = 0.2,
): Promise<Watched> {
  await using pair = await startPair(traffic, context, wrap);
  return await watch(pair, context, { lead: WARM_UP_OF_SENDER, window });
}

function sampleOf({ source, sink }: Watched, traffic: Traffic): Sample {
  const sent = between(...source);
  const received = between(...sink);
  checkSizes(received, traffic.sizes);
  if (received.datagrams === 0) throw new NothingMeasured('Nothing was received');
  const [subject, other] = traffic.measured === 'receiver' ? [received, sent] : [sent, received];
  const datagramsPerSecond = received.datagrams / received.seconds;
  return {
    // What was dropped does not count.
    datagramsPerSecond,
    // Never negative, though the two programs are not looked at in the same instant.
    lost: Math.max(0, 1 - datagramsPerSecond / (sent.datagrams / sent.seconds)),
    cpuPerDatagram: (subject.share / datagramsPerSecond) * 1e6,
    share: subject.share,
    otherShare: other.share,
  };
}

/** A sender never waits: between its turns it is stopped. */
function senderPeer(name: string, program: Program, traffic: Traffic, context: Context): Peer {
  const warm = new Shared(async () => {
    const pair = await startPair(traffic, context);
    return await orDispose(pair, async () => {
      const warmUp = isNative(program.command) ? 0 : WARM_UP_OF_SENDER;
      await sleep(warmUp * 1e3, undefined, { signal: context.signal });
      return pair;
    });
  });
  return warm.peer(name, async (pair) => {
    pair.source.resume();
    try {
      return sampleOf(await watch(pair, context), traffic);
    } finally {
      pair.source.pause();
    }
  });
}

/** A receiver is idle between its turns, since each turn starts a sender of its own. */
function receiverPeer(name: string, program: Program, traffic: Traffic, context: Context): Peer {
  const { cores, signal } = context;
  const send = (sender: Program, { address }: Server): Promise<Server> =>
    Server.start(pinned(cores.generator, [...commandOf(sender, traffic), address]), signal);
  const warm = new WarmServer(
    context,
    commandOf(program, traffic),
    working(WARM_UP, (sink) => send(FLOOD, sink), context),
    traffic.overUnix,
  );
  return warm.peer(name, async (sink) => {
    await using source = await send(traffic.sender, sink);
    return sampleOf(await watch({ source, sink }, context), traffic);
  });
}

function ofMeasured({ measured }: Traffic, watched: Watched) {
  return measured === 'receiver' ? watched.sink : watched.source;
}

async function systemCallsPerDatagram(traffic: Traffic, context: Context): Promise<Sample> {
  return await systemCallsPerOperation([0.05, 0.25], async (strace, seconds) => {
    const wrap: Wrap = (command) => [...strace, ...command];
    const [, after] = ofMeasured(traffic, await watchFresh(traffic, context, wrap, seconds));
    return after.datagrams ?? NaN;
  });
}

async function engineCountsPerDatagram(traffic: Traffic, context: Context): Promise<Sample> {
  const wrap: Wrap = (command) => counting(context.node, command);
  const looks = ofMeasured(traffic, await watchFresh(traffic, context, wrap));
  return perOperation(looks, between(...looks).datagrams);
}

/** Counts what the measured program does for each datagram, as far as that can be counted here. */
function counterOf(traffic: Traffic, program: Program, context: Context): Peer['count'] {
  // In C, the batches differ too much from run to run.
  if (traffic.counted !== true || !runsOn(context.node, program.command)) return undefined;
  return async () => ({
    ...(canCountSystemCalls() ? await systemCallsPerDatagram(traffic, context) : {}),
    ...(await engineCountsPerDatagram(traffic, context)),
  });
}

/** Compares programs that send, or receive, the same traffic. */
export function comparisonOf(
  about: Omit<Comparison, 'peers'>,
  programs: Readonly<Record<string, Program>>,
  trafficOf: (program: Program) => Traffic,
  context: Context,
): Comparison {
  const peers = Object.entries(programs).map(([name, program]): Peer => {
    const traffic = trafficOf(program);
    const peerOf = traffic.measured === 'sender' ? senderPeer : receiverPeer;
    const peer = peerOf(name, program, traffic, context);
    const count = counterOf(traffic, program, context);
    return count ? { ...peer, count } : peer;
  });
  return { ...about, peers };
}

/** Whether a receiver is sent more than it can take, on purpose. */
function isFlood({ parameters }: Result): boolean {
  return parameters['rate'] === 0;
}

function isDisturbed(peer: PeerResult, result: Result): boolean {
  const rate = result.parameters['rate'] ?? 0;
  if (rate > 0) return medianOf(peer, 'datagramsPerSecond') < 0.98 * rate;
  return isNeitherBusy(peer, 'share', 'otherShare');
}

const MARKS: readonly Mark[] = [
  {
    sign: '†',
    meaning: 'the receiver could not keep up: what it dropped does not count, and was no less work',
    applies: (peer, result) => !isFlood(result) && medianOf(peer, 'lost') > 0.02,
  },
  {
    sign: '‡',
    meaning: 'neither core was busy, or the rate was not reached: do not trust the row',
    applies: isDisturbed,
  },
];

/** In what the questions about datagrams differ. */
interface DatagramSubject extends Pick<
  Question,
  'name' | 'asks' | 'plots' | 'comparisons' | 'targets'
> {
  /** The peer that the others are compared with. */
  readonly base: string;
  readonly note: string;
}

/** The question how many datagrams of one kind a core sends or receives. */
export function datagramQuestion({ base, note, ...question }: DatagramSubject): Question {
  return {
    ...question,
    columns: [
      ...comparedColumns('datagrams/s', 'datagramsPerSecond', { base, limit: LIMIT }),
      medianColumn('cpu µs', 'cpuPerDatagram', 2),
      ratioColumn(`cpu x ${base}`, 'cpuPerDatagram', () => base),
      shareColumn('core', 'share'),
      shareColumn('other core', 'otherShare'),
      { title: 'lost', cell: (peer) => formatPercent(medianOf(peer, 'lost')) },
    ],
    counters: { operation: 'datagram', columns: COUNTERS },
    marks: MARKS,
    notes: () => [
      'datagrams/s: of those that arrived; cpu µs: of the measured program, for each of them',
      note,
    ],
  };
}
