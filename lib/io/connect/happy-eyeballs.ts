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
  return abortable(signal, (resolve) => {
    const one = new Race(targets, delay, resolve);
    one.next();
    return () => one.stop();
  });
}

class Race {
  readonly #targets: readonly (Target | Failure)[];
  readonly #delay: number;
  readonly #onEnd: (outcome: Stream | Failure[]) => void;
  readonly #running = new Set<Attempt>();
  /** In the order of the targets. */
  readonly #failures: Failure[] = [];
  #begun = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    targets: readonly (Target | Failure)[],
    delay: number,
    onEnd: (outcome: Stream | Failure[]) => void,
  ) {
    this.#targets = targets;
    this.#delay = delay;
    this.#onEnd = onEnd;
  }

  /** Starts attempts until one is pending. */
  next(): void {
    clearTimeout(this.#timer);
    while (this.#begun < this.#targets.length) {
      const index = this.#begun++;
      const outcome = this.#begin(index, this.#targets[index]);
      if (outcome === null) {
        if (this.#begun < this.#targets.length) {
          this.#timer = setTimeout(() => this.next(), this.#delay);
        }
        return;
      }
      if (!this.#record(index, outcome)) return;
    }
    if (this.#running.size === 0) this.#onEnd(this.#failures);
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const attempt of this.#running) attempt.giveUp();
  }

  /** Returns the outcome if it is known immediately, else null. */
  #begin(index: number, target: Target | Failure): Stream | Failure | null {
    if (typeof target === 'function') return target;
    const attempt = new Attempt(target, (outcome) => {
      this.#running.delete(attempt);
      if (this.#record(index, outcome)) this.next();
    });
    const outcome = attempt.start();
    if (outcome === null) this.#running.add(attempt);
    return outcome;
  }

  /** Records the outcome. Returns whether the race continues. */
  #record(index: number, outcome: Stream | Failure): boolean {
    if (outcome instanceof Stream) {
      this.stop();
      this.#onEnd(outcome);
      return false;
    }
    this.#failures[index] = outcome;
    return true;
  }
}
