import type { Comparison, Peer, PeerResult, Result, Sample } from './question';
import { median, medianSample } from './statistics';
import { NothingMeasured, TURNS } from './window';

/** How often each comparison is measured. */
export interface Rounds {
  readonly rounds: number;
  /**
   * Whether every round starts new processes, so that the samples include how much processes differ by
   * chance.
   */
  readonly apart: boolean;
  /** Whether the exact costs are counted too, in runs of their own. */
  readonly counted: boolean;
}

/** Called before each run; `run` says which it is: a round, or the counting. */
export type OnRun = (peer: Peer, run: string) => void;

/** How many runs a comparison takes. */
export function runsOf({ peers, turns = TURNS }: Comparison, { rounds, counted }: Rounds): number {
  const counting = counted ? peers.filter((peer) => peer.count) : [];
  return peers.length * turns * rounds + counting.length;
}

/** How often a turn in which nothing was measured is repeated: a busy machine must not fail the run. */
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

/** One round: the turns of all peers, taken alternately. Returns a sample for each peer. */
async function measureRound(
  { peers, turns = TURNS }: Comparison,
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
 * Measures the peers alternately (A B C A B C), so that a disturbance of the machine affects all of them
 * alike and cancels out of the ratios within a round.
 */
export async function compare(
  comparison: Comparison,
  { rounds, apart, counted }: Rounds,
  onRun: OnRun,
): Promise<Result> {
  const { title, parameters, peers } = comparison;
  const measured: Sample[][] = [];
  const close = () => Promise.all(peers.map(async (peer) => peer.close?.()));
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const run = `round ${String(round)}`;
      measured.push(await measureRound(comparison, (peer) => onRun(peer, run)));
      if (apart) await close();
    }
  } finally {
    await close();
  }
  const results: PeerResult[] = [];
  for (const [index, peer] of peers.entries()) {
    const result = { name: peer.name, samples: measured.map((samples) => samples[index] ?? {}) };
    const count = counted ? peer.count : undefined;
    if (count) onRun(peer, 'counting');
    results.push(count ? { ...result, counts: await count() } : result);
  }
  return { title, parameters, peers: results };
}

/** A metric of every sample, in the order of the rounds. */
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

/** The ratio of two peers in each round, in which both saw the machine in the same state. */
export function ratios(peer: PeerResult, base: PeerResult, metric: string): number[] {
  const denominators = valuesOf(base, metric);
  return valuesOf(peer, metric).map((value, round) => value / (denominators[round] ?? NaN));
}

/** The peer with that name; undefined if it is one that was not installed. */
export function peerOf(result: Result, name: string): PeerResult | undefined {
  return result.peers.find((peer) => peer.name === name);
}
