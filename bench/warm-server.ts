import { setTimeout as sleep } from 'node:timers/promises';

import { pinned } from './cores';
import { load } from './load';
import { orDispose, Server } from './processes';
import { isNative } from './programs';
import type { Context, Peer, Sample } from './question';

/**
 * Seconds of full load after which V8 has optimised what it will. node:net needs almost all of them:
 * measured earlier, it would be at half of its speed.
 */
export const WARM_UP = 0.8;

/** Has a server that was just started do its work for a while. */
export type WarmUp = (server: Server) => Promise<unknown>;

/**
 * Something that all turns of a peer share. It is started for the first turn, and again for the first one
 * after `close`.
 */
export class Shared<T extends AsyncDisposable> {
  readonly #start: () => Promise<T>;
  #started: T | undefined;

  constructor(start: () => Promise<T>) {
    this.#start = start;
  }

  async get(): Promise<T> {
    this.#started ??= await this.#start();
    return this.#started;
  }

  /** The peer that measures with it. */
  peer(name: string, measure: (shared: T) => Promise<Sample>): Peer {
    return { name, measure: async () => measure(await this.get()), close: () => this.close() };
  }

  async close(): Promise<void> {
    const started = this.#started;
    this.#started = undefined;
    await started?.[Symbol.asyncDispose]();
  }
}

/**
 * The server of a peer, warmed up before its first turn. It has nothing to do while other peers have
 * theirs.
 */
export class WarmServer extends Shared<Server> {
  /** The command takes the address as its last argument. */
  constructor(
    context: Context,
    command: readonly string[],
    warmUp: WarmUp = echoing(context),
    overUnix = false,
  ) {
    super(() => startWarm(context, command, warmUp, overUnix));
  }
}

export async function startWarm(
  { cores, signal }: Context,
  command: readonly string[],
  warmUp: WarmUp,
  overUnix = false,
): Promise<Server> {
  const server = await Server.listen(pinned(cores.server, command), overUnix, signal);
  return await orDispose(server, async () => {
    // A program in C is as fast as it will be within the first moments of any window.
    if (!isNative(command)) await warmUp(server);
    return server;
  });
}

/** A warm-up by a program that gives the server work until it is ended. */
export function working(
  seconds: number,
  start: (server: Server) => Promise<Server>,
  { signal }: Context,
): WarmUp {
  return async (server) => {
    const generator = await start(server);
    await sleep(seconds * 1e3, undefined, { signal });
    await generator[Symbol.asyncDispose]();
  };
}

/** A warm-up of a program that works for a while for each line. */
export function takingTurns(turns: number): WarmUp {
  return async (server) => {
    for (let turn = 0; turn < turns; turn += 1) await server.snapshot();
  };
}

/** A warm-up of an echo server. */
export function echoing(context: Context, shape = { size: 64, connections: 50 }): WarmUp {
  return (server) => load(server, { ...shape, warmUp: 0, seconds: WARM_UP }, context);
}
