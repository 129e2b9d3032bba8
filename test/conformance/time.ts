import { describe, expect, test } from 'vitest';
import type { Backend } from '../../lib/index';
import { inChild, type Tools } from '../support/child';
import type { Subject } from './subject';

/** In a child: waits while a signal arrives every few milliseconds. */
function waitUnderFire({ iomux, descriptors }: Tools, backend: Backend) {
  let signals = 0;
  process.on('SIGALRM', () => signals++);
  const poller = new iomux.Poller({ backend });
  descriptors.interruptEvery(3);
  const start = performance.now();
  const events = poller.wait({ timeout: 60 });
  const elapsed = performance.now() - start;
  descriptors.interruptEvery(0);
  // The handler runs when the loop does. On a busy machine several signals are merged.
  return new Promise((resolve) => {
    const looking = setInterval(() => {
      if (signals === 0) return;
      clearInterval(looking);
      resolve({ events, elapsed });
    }, 1);
  });
}

/** In a child: waits for ever, while another process sends signals and then some data. */
function waitForAnotherProcess({ iomux, descriptors }: Tools, backend: Backend) {
  const { spawn } = process.getBuiltinModule('child_process');
  let signals = 0;
  process.on('SIGUSR1', () => signals++);
  const [reader, writer] = descriptors.pipe();
  const poller = new iomux.Poller({ backend });
  poller.add(reader, iomux.READABLE);
  const command = 'kill -USR1 $PPID; kill -USR1 $PPID; printf x >&3';
  spawn('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'inherit', writer] });
  const readable = poller.wait().map((event) => event.readable);
  return new Promise((resolve) => {
    const looking = setInterval(() => {
      if (signals === 0) return;
      clearInterval(looking);
      resolve(readable);
    }, 1);
  });
}

/** The duration of a wait. */
export function describeTime({ backend, newPoller }: Subject): void {
  function shortest(timeout: number, times: number): number {
    using poller = newPoller();
    const lengths = Array.from({ length: times }, () => {
      const start = performance.now();
      expect(poller.wait({ timeout })).toEqual([]);
      return performance.now() - start;
    });
    return Math.min(...lengths);
  }

  describe('a timeout', () => {
    test.each([0.001, 0.1, 0.5, 0.999, 1, 1.001, 1.5, 2.75, 5, 10.1])(
      'of %d ms is never early',
      (timeout) => {
        expect(shortest(timeout, 5)).toBeGreaterThanOrEqual(timeout);
      },
    );

    test('of 0 asks and does not wait', () => {
      expect(shortest(0, 50)).toBeLessThan(1);
    });

    test('of Infinity is as good as none, and ends with an event', () => {
      using poller = newPoller();
      poller.notify();
      expect(poller.wait({ timeout: Infinity })).toEqual([]);
      poller.notify();
      expect(poller.wait({ timeout: Number.MAX_VALUE })).toEqual([]);
      poller.notify();
      expect(poller.wait({ timeout: 2 ** 40 })).toEqual([]);
      poller.notify();
      expect(poller.wait({ timeout: -1 })).toEqual([]);
    });
  });

  // poll(2) counts in milliseconds.
  describe.runIf(backend !== 'poll')('a timeout of a fraction of a millisecond', () => {
    test('is not rounded up to a whole one', () => {
      expect(shortest(0.1, 50)).toBeLessThan(1);
    });
  });

  describe('a signal', () => {
    test('does not end a wait, which goes on with the time that is left', async () => {
      const { result, ...outcome } = await inChild(waitUnderFire, { argument: backend });
      expect(outcome).toMatchObject({ code: 0, stderr: '' });
      const { events, elapsed } = result as Record<string, number>;
      expect(events).toEqual([]);
      expect(elapsed).toBeGreaterThanOrEqual(60);
      // A wait that restarted after every signal would last until there are no more signals.
      expect(elapsed).toBeLessThan(5000);
    });

    test('of another process does not end a wait, but its data does', async () => {
      const { result, ...outcome } = await inChild(waitForAnotherProcess, { argument: backend });
      expect(outcome).toMatchObject({ code: 0, stderr: '' });
      expect(result).toEqual([true]);
    });
  });
}
