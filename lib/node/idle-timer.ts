import { clearTimeout, LONGEST_TIMER, now, setTimeout } from '../clock';
import { invalidType, outOfRange } from '../errors';

/**
 * Calls back when there has been no activity for a time. Activity costs a look at the clock, and so does
 * turning it off and on again, as HTTP does for each request: the one timer is not restarted, but checks
 * when it fires.
 */
export class IdleTimer {
  readonly #onIdle: () => void;
  /** A number that changes with activity for which `touch` is not called. */
  readonly #progress: () => number;
  /** In milliseconds; 0 for never. */
  #timeout = 0;
  /** When the last activity was, and when the timer fires. */
  #since = 0;
  #due = 0;
  #seen = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(onIdle: () => void, progress: () => number) {
    this.#onIdle = onIdle;
    this.#progress = progress;
  }

  /** In milliseconds, from now on; 0 for never. */
  set(timeout: number): void {
    this.#timeout = timeout;
    this.touch();
  }

  /** There was activity. */
  touch(): void {
    if (this.#timeout === 0) return;
    this.#since = now();
    this.#seen = this.#progress();
    const due = this.#since + this.#timeout;
    if (this.#timer !== undefined && this.#due <= due) return;
    clearTimeout(this.#timer);
    this.#start(due, this.#timeout);
  }

  close(): void {
    this.#timeout = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #start(due: number, delay: number): void {
    this.#due = due;
    this.#timer = setTimeout(() => this.#check(), Math.min(delay, LONGEST_TIMER)).unref();
  }

  #check(): void {
    this.#timer = undefined;
    if (this.#timeout === 0) return;
    const progress = this.#progress();
    if (progress !== this.#seen) this.#since = now();
    this.#seen = progress;
    const due = this.#since + this.#timeout;
    const left = due - now();
    if (left > 0) this.#start(due, left);
    else this.#onIdle();
  }
}

/**
 * Checks an argument of `setTimeout`.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
 */
export function idleTime(value: unknown): number {
  if (typeof value !== 'number') throw invalidType('timeout', 'of type number', value);
  if (value >= 0 && value < Infinity) return value;
  throw outOfRange('timeout', 'a non-negative finite number', value);
}
