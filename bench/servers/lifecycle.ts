import { createInterface } from 'node:readline';

import { engine } from './engine';

/** What a program under measurement has counted, besides the time it took. */
export type Counters = () => Readonly<Record<string, number>>;

/**
 * What node:net and iomux take for the address that the harness names: a port of the
 * loopback interface, 0 for any that is free, or a path, which begins with a slash.
 */
export function listenOptions(address: string): { host: string; port: number } | { path: string } {
  return address.startsWith('/') ? { path: address } : { host: '127.0.0.1', port: Number(address) };
}

/** The address by which the harness finds what listens there. */
function nameOf(address: object | string | null): string {
  if (typeof address === 'string') return address;
  if (address !== null && 'path' in address) return String(address.path);
  if (address !== null && 'port' in address) return String(address.port);
  throw new Error('The server does not listen');
}

/**
 * Tells the harness where the server listens, answers every line that it writes with what has been
 * counted and spent until then, and ends the process when it closes the standard input.
 *
 * @param address what the server's `address` says
 */
export function serveUntilInputEnds(
  address: object | string | null,
  counters: Counters = () => ({}),
): void {
  const say = (answer: object): void => {
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  };
  say({ address: nameOf(address) });
  const input = createInterface(process.stdin);
  input.on('line', () => {
    const { user, system } = process.cpuUsage();
    const cpuSeconds = (user + system) / 1e6;
    say({ seconds: performance.now() / 1e3, cpuSeconds, ...counters(), ...engine() });
  });
  input.on('close', () => process.exit(0));
}
