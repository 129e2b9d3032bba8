import { closeSync, writeSync } from 'node:fs';
import { afterEach, beforeEach } from 'vitest';
import { Reactor } from '../../lib/index';
import { descriptors } from '../support/descriptors';
import { PATIENCE } from '../support/patience';

/** A turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Whether the promise is settled once the microtasks are done. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  promise.then(note, note);
  await turn();
  return settled;
}

/** Returns when the reactor has delivered everything that is ready by now. */
export async function delivered(reactor: Reactor): Promise<void> {
  const [reader, writer] = descriptors.pipe();
  writeSync(writer, '.');
  await reactor.readable(reader);
  reactor.notifyClosing(reader);
  closeSync(reader);
  closeSync(writer);
}

/**
 * Whether the event loop sleeps, which it never does while something is reported for ever. On a busy machine it
 * may seem not to sleep, but not every time.
 */
export async function sleeps(): Promise<boolean> {
  for (let window = 0; window < 10; window++) {
    const before = performance.eventLoopUtilization();
    await new Promise((resolve) => setTimeout(resolve, 100 * PATIENCE));
    if (performance.eventLoopUtilization(before).utilization < 0.5) return true;
  }
  return false;
}

/** A new reactor for every test of the file, so that its statistics are those of the test alone. */
export function perTest(): { readonly reactor: Reactor } {
  let reactor = new Reactor();
  beforeEach(() => {
    reactor = new Reactor();
  });
  afterEach(() => {
    reactor.close();
  });
  return {
    get reactor() {
      return reactor;
    },
  };
}
