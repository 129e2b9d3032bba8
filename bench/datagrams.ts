import { setTimeout as sleep } from 'node:timers/promises';

import { pinned } from './cores';
import { medianOf } from './harness';
import { between, Server, type Window } from './processes';
import { nativeProgram } from './programs';
import type {
  Column,
  Comparison,
  Context,
  Mark,
  Peer,
  PeerResult,
  Result,
  Sample,
} from './question';
import { formatPercent, medianColumn, ratioColumn, shareColumn, spreadColumn } from './table';
import { TemporaryFolder } from './temporary-folder';

/**
 * A program that sends or receives datagrams: its command, and what it is told after the address and
 * the size.
 */
export interface Program {
  readonly command: readonly string[];
  readonly method: readonly string[];
}

/** Datagrams from one program to another, on two cores. One of the two is measured. */
export interface Traffic {
  readonly sender: Program;
  readonly receiver: Program;
  readonly measured: 'sender' | 'receiver';
  /** In bytes: of all, or `LEAST-MOST` of those that follow each other. */
  readonly sizes: string;
  readonly overUnix: boolean;
}

/** The limits, which are the counterparts as well. */
export const SOURCE = nativeProgram('datagram_source');
export const SINK = nativeProgram('datagram_sink');

/** Every datagram must have arrived as it was sent, neither cut nor joined. */
function checkSizes(received: Window, sizes: string): void {
  const [least = NaN, most = least] = sizes.split('-').map(Number);
  const average = received.bytes / received.datagrams;
  if (average < least || average > most)
    throw new Error('The datagrams have other sizes than sent');
}

async function transfer(traffic: Traffic, context: Context): Promise<Sample> {
  const { sender, receiver, measured, sizes, overUnix } = traffic;
  const { cores, signal } = context;
  const start = (core: number, program: Program, address: string): Promise<Server> => {
    const command = [...program.command, address, sizes, ...program.method];
    return Server.start(pinned(core, command), signal);
  };
  const [receiving, sending] =
    measured === 'receiver' ? [cores.server, cores.generator] : [cores.generator, cores.server];

  await using folder = await TemporaryFolder.create();
  await using sink = await start(receiving, receiver, overUnix ? folder.path('socket') : '0');
  // Ended before the sink: nobody shall send to a socket that is no more.
  await using source = await start(sending, sender, sink.address);
  const look = () => Promise.all([source.snapshot(), sink.snapshot()]);
  await sleep(150, undefined, { signal });
  const before = await look();
  await sleep(200, undefined, { signal });
  const after = await look();

  const sent = between(before[0], after[0]);
  const received = between(before[1], after[1]);
  checkSizes(received, sizes);
  if (received.datagrams === 0) throw new Error('Nothing was received in the measured time');
  const [subject, other] = measured === 'receiver' ? [received, sent] : [sent, received];
  return {
    datagramsPerSecond: subject.datagrams / subject.seconds,
    // The two snapshots are not of the same instant.
    lost: Math.max(0, 1 - received.datagrams / received.seconds / (sent.datagrams / sent.seconds)),
    cpuPerDatagram: (subject.cpuSeconds / subject.datagrams) * 1e6,
    share: subject.share,
    otherShare: other.share,
  };
}

/** One comparison: the same traffic, with another program as the measured one of the two each time. */
export function comparisonOf(
  about: Pick<Comparison, 'title' | 'parameters'>,
  programs: Readonly<Record<string, Program>>,
  trafficOf: (program: Program) => Traffic,
  context: Context,
): Comparison {
  const peers = Object.entries(programs).map(([name, program]): Peer => ({
    name,
    measure: () => transfer(trafficOf(program), context),
  }));
  return { ...about, peers };
}

/**
 * The columns of a question about datagrams.
 *
 * @param base the peer that a peer is compared with, and its name in the head
 * @param limitOf the limit of a peer
 */
export function columnsOf(base: string, limitOf: (peer: string) => string): Column[] {
  return [
    medianColumn('datagrams/s', 'datagramsPerSecond'),
    spreadColumn('datagramsPerSecond'),
    ratioColumn(`x ${base}`, 'datagramsPerSecond', () => base),
    ratioColumn('x C', 'datagramsPerSecond', limitOf),
    medianColumn('cpu µs', 'cpuPerDatagram', 2),
    ratioColumn(`cpu x ${base}`, 'cpuPerDatagram', () => base),
    shareColumn('core', 'share'),
    shareColumn('other core', 'otherShare'),
    { title: 'lost', cell: (peer) => formatPercent(medianOf(peer, 'lost')) },
  ];
}

/** Whether the other side was meant to overrun the measured one. */
function isFlood({ parameters }: Result): boolean {
  return parameters['rate'] === 0;
}

function isDisturbed(peer: PeerResult, result: Result): boolean {
  const rate = result.parameters['rate'] ?? 0;
  if (rate > 0) return medianOf(peer, 'datagramsPerSecond') < 0.98 * rate;
  return Math.max(medianOf(peer, 'share'), medianOf(peer, 'otherShare')) < 0.9;
}

export const MARKS: readonly Mark[] = [
  {
    sign: '†',
    meaning: 'the receiver could not keep up: what it dropped cost the sender less than the rest',
    applies: (peer, result) => !isFlood(result) && medianOf(peer, 'lost') > 0.02,
  },
  {
    sign: '‡',
    meaning: 'neither core was busy, or the rate was not reached: do not trust the row',
    applies: isDisturbed,
  },
];

export const NOTE = 'cpu µs: of the measured program, per datagram';
