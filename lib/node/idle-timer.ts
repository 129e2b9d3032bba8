import { clearTimeout, LONGEST_TIMER, now, setTimeout } from '../clock';
import { invalidType, outOfRange } from '../errors';

/**
 * Tells when nothing has happened for a time. Something that happens costs a look at the clock, and
 * turning it off and on again, as HTTP does for each request, nothing more: there is one timer, which
 * looks when it is due.
 */
export class IdleTimer {
  readonly #onIdle: () => void;
  /** A number that changes with what happens and nobody tells of. */
  readonly #progress: () => number;
  /** In milliseconds; 0 for never. */
  #timeout = 0;
  /** When something has happened last, and when the timer is due. */
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

  /** Something has happened. */
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
 * A time to be idle for, in milliseconds.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
 */
export function idleTime(value: unknown): number {
  if (typeof value !== 'number') throw invalidType('timeout', 'of type number', value);
  if (value >= 0 && value < Infinity) return value;
  throw outOfRange('timeout', 'a non-negative finite number', value);
}
