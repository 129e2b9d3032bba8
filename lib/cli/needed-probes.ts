import { native } from '../native';
import { newSelector } from '../poll/backend';
import { READABLE } from '../poll/interest';
import { Waker } from '../sources/waker';
import type { Probe } from './finding';

/** Longer than any machine takes, however busy. */
const MOST_MILLISECONDS = 10_000;

/** The probes without which nothing works. */
export const neededProbes: readonly Probe[] = [
  {
    name: native.backend,
    without: 'nothing works',
    run: (opened) => {
      const selector = newSelector();
      try {
        const [reader] = opened.pipe();
        return selector.add(reader, 1, READABLE, 'level');
      } finally {
        selector.close();
      }
    },
  },
  {
    name: 'an event through the event loop',
    without: 'no promise is ever settled',
    run: async () => {
      using waker = new Waker();
      const woken = waker.wait({ signal: AbortSignal.timeout(MOST_MILLISECONDS) });
      setImmediate(() => waker.wake());
      await woken;
      return 0;
    },
  },
];
