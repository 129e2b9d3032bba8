import { setTimeout as sleep } from 'node:timers/promises';

import { pinned } from './cores';
import { load } from './load';
import { Server } from './processes';
import { isNative } from './programs';
import type { Context, Peer, Sample } from './question';
import { TemporaryFolder } from './temporary-folder';

/**
 * Seconds of full load after which V8 has optimised what it will. A server of `node:net` takes almost
 * all of it: measured earlier, it would be at half of its speed.
 */
export const WARM_UP = 0.8;

/** Sees to it that a server that was just started has done its work for a while. */
export type WarmUp = (server: Server) => Promise<unknown>;

/**
 * The server of a peer for all rounds of a comparison: started for the first one and warmed up.
 * While the others have their turns it has nothing to do.
 */
export class WarmServer {
  readonly #context: Context;
  readonly #command: readonly string[];
  readonly #overUnix: boolean;
  readonly #warmUp: WarmUp;
  #folder: TemporaryFolder | undefined;
  #server: Server | undefined;

  /** The command is given the address besides. */
  constructor(
    context: Context,
    command: readonly string[],
    warmUp: WarmUp = echoing(context),
    overUnix = false,
  ) {
    this.#context = context;
    this.#command = command;
    this.#overUnix = overUnix;
    this.#warmUp = warmUp;
  }

  async get(): Promise<Server> {
    if (this.#server !== undefined) return this.#server;
    this.#folder = await TemporaryFolder.create();
    const address = this.#overUnix ? this.#folder.path('socket') : '0';
    const { cores, signal } = this.#context;
    this.#server = await Server.start(pinned(cores.server, [...this.#command, address]), signal);
    // In C it is as fast as it will be within the first moments of any window.
    if (!isNative(this.#command)) await this.#warmUp(this.#server);
    return this.#server;
  }

  /** The peer that it serves. */
  peer(name: string, measure: (server: Server) => Promise<Sample>): Peer {
    return { name, measure: async () => measure(await this.get()), close: () => this.close() };
  }

  async close(): Promise<void> {
    try {
      await this.#server?.[Symbol.asyncDispose]();
    } finally {
      await this.#folder?.[Symbol.asyncDispose]();
      this.#server = this.#folder = undefined;
    }
  }
}

/** The warm-up by a program that has the server work until it is ended. */
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

/** The warm-up of a program that works upon each line that it is given. */
export function takingTurns(turns: number): WarmUp {
  return async (server) => {
    for (let turn = 0; turn < turns; turn += 1) await server.snapshot();
  };
}

/** The warm-up of an echo server, by messages of a size over so many connections. */
export function echoing(context: Context, shape = { size: 64, connections: 50 }): WarmUp {
  return ({ address }) => load({ address, ...shape, warmUp: 0, seconds: WARM_UP }, context);
}
