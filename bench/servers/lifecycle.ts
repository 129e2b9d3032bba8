import type { Server } from 'node:net';
import { createInterface } from 'node:readline';

import { engine } from './engine';

/** Returns what a measured program has counted, besides its times. */
export type Counters = () => Readonly<Record<string, number>>;

/**
 * The address on the command line as options for node:net and iomux: a port of the loopback interface, 0
 * for any that is free, or a path, which begins with a slash.
 */
export function listenOptions(address: string): { host: string; port: number } | { path: string } {
  return address.startsWith('/') ? { path: address } : { host: '127.0.0.1', port: Number(address) };
}

/** The address of a listener as the harness takes it. */
function nameOf(address: object | string | null): string {
  if (typeof address === 'string') return address;
  if (address !== null && 'path' in address) return String(address.path);
  if (address !== null && 'port' in address) return String(address.port);
  throw new Error('The server does not listen');
}

/**
 * Speaks the protocol of the harness: prints the address, answers every line on the standard input, and
 * ends the process when the input ends.
 */
export function answerLines(address: string, answer: () => object | Promise<object>): void {
  const say = (what: object): void => {
    process.stdout.write(`${JSON.stringify(what)}\n`);
  };
  say({ address });
  const input = createInterface(process.stdin);
  input.on('line', () => void Promise.resolve(answer()).then(say));
  input.on('close', () => process.exit(0));
}

/**
 * The same for a program that works until then: the answers are what was counted and spent so far.
 *
 * @param address the property `address` of the server
 */
export function serveUntilInputEnds(
  address: object | string | null,
  counters: Counters = () => ({}),
): void {
  answerLines(nameOf(address), () => {
    const { user, system } = process.cpuUsage();
    const cpuSeconds = (user + system) / 1e6;
    return { seconds: performance.now() / 1e3, cpuSeconds, ...counters(), ...engine() };
  });
}

/** Has a server of Node listen on the address that is the last argument, for the harness. */
export function serve(server: Server, counters?: Counters): void {
  server.listen(listenOptions(process.argv.at(-1) ?? '0'), () => {
    serveUntilInputEnds(server.address(), counters);
  });
}
