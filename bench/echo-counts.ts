import { pinned } from './cores';
import { counting, perOperation, runsOn, type Counted } from './counting';
import { load } from './load';
import { Server } from './processes';
import type { Context, Peer, Sample } from './question';
import { canCountSystemCalls, systemCallsPerOperation } from './system-calls';
import { WARM_UP } from './warm-server';

/** A server, and the messages that it is sent. */
interface Trial {
  readonly command: readonly string[];
  readonly overUnix: boolean;
  readonly shape: { readonly size: number; readonly connections: number };
  readonly context: Context;
}

/** Sends messages for so many seconds, as fast as they are answered; returns how many. */
type Send = (seconds: number) => Promise<number>;

/** Starts the server of a trial by another command, and ends it after `use`. */
async function serving<T>(
  { overUnix, shape, context }: Trial,
  command: readonly string[],
  use: (server: Server, send: Send) => Promise<T>,
): Promise<T> {
  const bound = pinned(context.cores.server, command);
  await using server = await Server.listen(bound, overUnix, context.signal);
  return await use(server, async (seconds) => {
    return (await load(server, { ...shape, warmUp: 0, seconds }, context)).totalMessages;
  });
}

async function systemCallsPerMessage(trial: Trial): Promise<Sample> {
  return await systemCallsPerOperation([0.1, 0.5], (strace, seconds) =>
    serving(trial, [...strace, ...trial.command], (_, send) => send(seconds)),
  );
}

/** The slope of the counters of V8 between a short and a long run, in one server, once it is warm. */
async function engineCountsPerMessage(trial: Trial): Promise<Sample> {
  return await serving(trial, counting(trial.context.node, trial.command), async (server, send) => {
    await send(WARM_UP);
    const looks: Counted[] = [await server.snapshot()];
    const few = await send(0.03);
    looks.push(await server.snapshot());
    const many = await send(0.12);
    looks.push(await server.snapshot());
    return perOperation(looks, many - few);
  });
}

/** Counts what a server does for each message, as far as that can be counted here. */
export function counterOf(trial: Trial): Peer['count'] {
  const tracing = canCountSystemCalls();
  const engine = runsOn(trial.context.node, trial.command);
  if (!tracing && !engine) return undefined;
  return async () => ({
    ...(tracing ? await systemCallsPerMessage(trial) : {}),
    ...(engine ? await engineCountsPerMessage(trial) : {}),
  });
}
