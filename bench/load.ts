import { pinned } from './cores';
import { medianOf } from './harness';
import { run, type Server } from './processes';
import { nativeProgram } from './programs';
import { type Context, DISTURBED, type Mark, type PeerResult, type Result } from './question';
import { NothingMeasured } from './window';

/**
 * What the load generator prints. Latencies are in microseconds; a share of 1 is one whole core.
 */
export interface LoadReport {
  /** Answered within the measured time. */
  readonly messages: number;
  readonly seconds: number;
  readonly messagesPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly generatorShare: number;
  readonly serverShare: number;
  /** All messages that were answered, also outside the measured time. */
  readonly totalMessages: number;
  readonly bytesVerified: number;
  /** Bytes that the busy connections got back within the measured time. */
  readonly busyBytes: number;
}

/**
 * Whether the timetable was not kept, which may not be the fault of the server: the generator, which never
 * sleeps then, did not have all of its core, or another number of messages was answered than was due.
 */
export function isTimetableMissed(peer: PeerResult): boolean {
  const kept = medianOf(peer, 'messagesPerSecond') / medianOf(peer, 'rate');
  return medianOf(peer, 'generatorShare') < 0.95 || Math.abs(kept - 1) > 0.02;
}

/** Whether the generator was busy and the server was not: the server could do more than the number says. */
export function isLimitedByGenerator(
  peer: PeerResult,
  server = 'serverShare',
  generator = 'generatorShare',
): boolean {
  return medianOf(peer, generator) > 0.97 && medianOf(peer, server) < 0.93;
}

/** Whether neither core was busy, though there was always something to do for one of them. */
export function isNeitherBusy(
  peer: PeerResult,
  server = 'serverShare',
  generator = 'generatorShare',
): boolean {
  return Math.max(medianOf(peer, generator), medianOf(peer, server)) < 0.9;
}

/** How the marks of a question differ from those of the others. */
export interface Busy {
  /** The metrics with the shares of the cores. */
  readonly server?: string;
  readonly generator?: string;
  /** What it means that neither core was busy. */
  readonly disturbed?: string;
  /** Whether the server or the generator always has something to do; true by default. */
  readonly isAlways?: (result: Result) => boolean;
}

/** The marks of a question that keeps a server busy; `bounded`: what it means that the generator was. */
export function busyMarks(
  bounded: string,
  {
    server,
    generator,
    disturbed = 'neither core was busy: other programs took their part, do not trust the row',
    isAlways = () => true,
  }: Busy = {},
): Mark[] {
  return [
    {
      sign: '†',
      meaning: bounded,
      applies: (peer) => isLimitedByGenerator(peer, server, generator),
    },
    {
      sign: DISTURBED,
      meaning: disturbed,
      applies: (peer, result) => isAlways(result) && isNeitherBusy(peer, server, generator),
    },
  ];
}

/** What the load generator is asked to do. */
export interface LoadOptions {
  readonly connections: number;
  readonly size: number;
  readonly warmUp: number;
  readonly seconds: number;
  /**
   * Messages per second over all connections, sent by a timetable; a latency counts from when its message
   * was due. By default, a connection sends its next message when the last one was answered.
   */
  readonly rate?: number;
  /** Further connections that flood the server; they do not count. */
  readonly busy?: number;
}

/** Runs a load generator, which takes the server and these numbers. */
export async function generate(
  program: 'load' | 'http_load',
  { address, pid }: Server,
  numbers: readonly number[],
  { cores, signal }: Context,
): Promise<LoadReport> {
  const command = [nativeProgram(program), address, ...[pid, ...numbers].map(String)];
  return JSON.parse(await run(pinned(cores.generator, command), signal)) as LoadReport;
}

/**
 * Drives an echo server. Rejects if an answer was wrong or missing: a rate of wrong answers is not
 * a result.
 */
export async function load(
  server: Server,
  { connections, size, warmUp, seconds, rate = 0, busy = 0 }: LoadOptions,
  context: Context,
): Promise<LoadReport> {
  const numbers = [connections, size, warmUp, seconds, rate, busy];
  const report = await generate('load', server, numbers, context);
  // With a timetable that is a result: the answers came later.
  if (report.messages === 0 && rate === 0) throw new NothingMeasured('No message was answered');
  return report;
}

/** The processor time of the server; does not depend on how much of the core other programs take. */
export function cpuPerMessage({ serverShare, messagesPerSecond }: LoadReport): number {
  return (serverShare / messagesPerSecond) * 1e6;
}
