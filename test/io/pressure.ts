import { expect } from 'vitest';
import type { Stream } from '../../lib/net';
import { descriptors } from '../support/descriptors';

/** Leaves the kernel no more room for what is sent than it insists on: every write is a partial one. */
export function tinyBuffer(stream: Stream): void {
  descriptors.setBuffer(stream.fd, true, 1);
}

/** Writes until the kernel takes no more: how much it took. */
export function fill(stream: Stream): number {
  const chunk = Buffer.alloc(65536);
  let taken = 0;
  for (let count = 0; count >= 0; count = stream.tryWrite(chunk)) taken += count;
  return taken;
}

/** The errors of a write to a peer that has gone. */
export const RESET = expect.stringMatching(/^(ECONNRESET|EPIPE)$/) as string;

/** Writes until the kernel says what has become of the peer, in one turn of the event loop. */
export function writeUntilTold(stream: Stream): never {
  for (;;) stream.tryWrite('x');
}

// Of ECMAScript 2024, which the types are older than.
export const Resizable = ArrayBuffer as unknown as new (
  length: number,
  o: { maxByteLength: number },
) => ArrayBuffer & { resize(length: number): void };

export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const turns = new Promise((resolve) => setImmediate(() => setImmediate(resolve, 'pending')));
  return (await Promise.race([promise, turns])) === 'pending';
}

/** The reason a promise was rejected with; fails the test if it was not. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('It was not rejected');
}
