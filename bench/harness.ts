import type { Comparison, Peer, PeerResult, Result, Sample } from './question';
import { median, medianSample } from './statistics';
import { NothingMeasured } from './window';

/** How often all is measured. */
export interface Rounds {
  readonly rounds: number;
  /** Whether every round has processes of its own: what chance makes of a process differs then too. */
  readonly apart: boolean;
  /** Whether what can be counted is, in runs of its own. */
  readonly counted: boolean;
}

/** Called before each run with what it is: a round, or the counting. */
export type OnRun = (peer: Peer, run: string) => void;

/** How many runs a comparison takes. */
export function runsOf({ peers, turns = 1 }: Comparison, { rounds, counted }: Rounds): number {
  const counting = counted ? peers.filter((peer) => peer.count) : [];
  return peers.length * turns * rounds + counting.length;
}

/** How often a turn in which nothing was done may be repeated: a busy machine shall not end the run. */
const REPETITIONS = 5;

async function takeTurn(peer: Peer): Promise<Sample> {
  for (let repetition = 0; ; repetition += 1) {
    try {
      return await peer.measure();
    } catch (error) {
      if (!(error instanceof NothingMeasured) || repetition === REPETITIONS) throw error;
    }
  }
}

/** Each peer's turns of one round, A B C A B C, as one sample. */
async function playRound(
  { peers, turns = 1 }: Comparison,
  onTurn: (peer: Peer) => void,
): Promise<Sample[]> {
  const samples = peers.map((): Sample[] => []);
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [index, peer] of peers.entries()) {
      onTurn(peer);
      samples[index]?.push(await takeTurn(peer));
    }
  }
  return samples.map(medianSample);
}

/**
 * Measures the peers in turns, A B C A B C: whatever disturbs the machine for a while disturbs all
 * of them, and the ratios that are taken inside a round stay.
 */
export async function compare(
  comparison: Comparison,
  { rounds, apart, counted }: Rounds,
  onRun: OnRun,
): Promise<Result> {
  const { title, parameters, peers } = comparison;
  const played: Sample[][] = [];
  const close = () => Promise.all(peers.map(async (peer) => peer.close?.()));
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const run = `round ${String(round)}`;
      played.push(await playRound(comparison, (peer) => onRun(peer, run)));
      if (apart) await close();
    }
  } finally {
    await close();
  }
  const results: PeerResult[] = [];
  for (const [index, peer] of peers.entries()) {
    const result = { name: peer.name, samples: played.map((samples) => samples[index] ?? {}) };
    const count = counted ? peer.count : undefined;
    if (count) onRun(peer, 'counting');
    results.push(count ? { ...result, counts: await count() } : result);
  }
  return { title, parameters, peers: results };
}

/** One number of every sample, in the order of the rounds. */
export function valuesOf(peer: PeerResult, metric: string): number[] {
  return peer.samples.map((sample) => {
    const value = sample[metric];
    if (value === undefined || Number.isNaN(value))
      throw new Error(`${peer.name} has not measured ${metric}`);
    return value;
  });
}

/** The median over the rounds. */
export function medianOf(peer: PeerResult, metric: string): number {
  return median(valuesOf(peer, metric));
}

/** The ratio of two peers in each round: both have then seen the same state of the machine. */
export function ratios(peer: PeerResult, base: PeerResult, metric: string): number[] {
  const denominators = valuesOf(base, metric);
  return valuesOf(peer, metric).map((value, round) => value / (denominators[round] ?? NaN));
}

/** The peer of that name; one that has to be installed may be missing. */
export function peerOf(result: Result, name: string): PeerResult | undefined {
  return result.peers.find((peer) => peer.name === name);
}
