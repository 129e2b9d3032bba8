import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

import { UsageError } from './options';
import type { Context } from './question';

/** Reads a list such as `0-3,8`, the kernel's notation. */
function parseCoreList(list: string): number[] {
  return list
    .trim()
    .split(',')
    .flatMap((range) => {
      const [first = NaN, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
    });
}

function allowedCores(): number[] {
  const status = readFileSync('/proc/self/status', 'utf8');
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1];
  if (list === undefined) throw new Error('/proc/self/status does not name the allowed cores');
  return parseCoreList(list);
}

/** The hardware threads that share an execution core with this one, itself included. */
function siblingsOf(core: number): number[] {
  const topology = `/sys/devices/system/cpu/cpu${String(core)}/topology/thread_siblings_list`;
  return parseCoreList(readFileSync(topology, 'utf8'));
}

/**
 * Chooses the first allowed core for the server and, for the generator, the next one that does not
 * share its hardware.
 */
export function chooseCores(): { server: number; generator: number } {
  const [server, ...others] = allowedCores();
  if (server === undefined) throw new Error('No core is allowed to this process');
  const siblings = siblingsOf(server);
  const generator = others.find((core) => !siblings.includes(core));
  if (generator === undefined) {
    throw new UsageError('The benchmarks need two cores that do not share their hardware');
  }
  return { server, generator };
}

/**
 * Reserves the cores by listening on abstract Unix sockets named after them. The kernel releases the names
 * when this process ends, or when the returned servers are closed.
 *
 * @throws UsageError if another benchmark has reserved one of them
 */
export async function claimCores(cores: Context['cores']): Promise<Server[]> {
  const claims: Server[] = [];
  for (const core of [cores.server, cores.generator]) {
    const claim = createServer().unref();
    try {
      claim.listen(`\0iomux-bench-core-${String(core)}`);
      await once(claim, 'listening');
      claims.push(claim);
    } catch (error) {
      for (const earlier of claims) earlier.close();
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      throw new UsageError(`Another benchmark measures on core ${String(core)}: let it end first`);
    }
  }
  return claims;
}

/**
 * The command bound to one core. taskset(1) binds before it executes, so every thread of the
 * program is bound, also those that V8 starts before any of our code could run.
 */
export function pinned(core: number, command: readonly string[]): string[] {
  return ['taskset', '-c', String(core), ...command];
}
