import { clearTimeout, setTimeout } from '../../clock';
import { abortable } from '../abortable';
import { Attempt, type Failure, type Target } from './attempt';
import { Stream } from '../stream/stream';

/**
 * Connects to the first of several addresses that answers (RFC 8305): each attempt starts as soon as the
 * previous one has failed or has been pending for `delay` milliseconds. The first to connect wins, and the
 * others are closed at once. A failure among the targets stands for an attempt that cannot be made.
 * @returns the stream, or why each attempt has failed
 */
export function race(
  targets: readonly (Target | Failure)[],
  delay: number,
  signal: AbortSignal | undefined,
): Promise<Stream | Failure[]> {
  const running = new Set<Attempt>();
  /** In the order of the targets. */
  const failures: Failure[] = [];
  let begun = 0;
  let timer: NodeJS.Timeout | undefined;

  return abortable(signal, (resolve) => {
    /** Starts attempts until one is pending. */
    const next = (): void => {
      clearTimeout(timer);
      while (begun < targets.length) {
        const index = begun++;
        const outcome = begin(index, targets[index]);
        if (outcome === null) {
          if (begun < targets.length) timer = setTimeout(next, delay);
          return;
        }
        if (!record(index, outcome)) return;
      }
      if (running.size === 0) resolve(failures);
    };

    /** Returns the outcome if it is known immediately, else null. */
    const begin = (index: number, target: Target | Failure): Stream | Failure | null => {
      if (typeof target === 'function') return target;
      const attempt = new Attempt(target, (outcome) => {
        running.delete(attempt);
        if (record(index, outcome)) next();
      });
      const outcome = attempt.start();
      if (outcome === null) running.add(attempt);
      return outcome;
    };

    /** Records the outcome. Returns whether the race continues. */
    const record = (index: number, outcome: Stream | Failure): boolean => {
      if (!(outcome instanceof Stream)) {
        failures[index] = outcome;
        return true;
      }
      stop();
      resolve(outcome);
      return false;
    };

    const stop = (): void => {
      clearTimeout(timer);
      for (const attempt of running) attempt.giveUp();
    };

    next();
    return stop;
  });
}
