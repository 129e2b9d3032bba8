import { monotonicNow, wallNow } from '../clock';
import { invalidValue } from '../errors';
import { openTimer, type Schedule, type SystemTimer } from '../raw/timer';
import { type Abortable, options, refuseForeign } from '../validate';
import { DescriptorSource } from './descriptor-source';
import { type Duration, duration, wallTime } from './time';

/** When a timer expires: first, or only, `after` a duration or `at` a time; then with the period `every`. */
export interface TimerSetting {
  /** How long from now, independent of the wall clock; by default one period, if there is one. */
  readonly after?: Duration | undefined;
  /** The period; must be more than 0. */
  readonly every?: Duration | undefined;
  /**
   * A time of the wall clock (a Date, or milliseconds since 1970), which follows changes of that clock;
   * or of the monotonic clock, as a bigint of `process.hrtime.bigint()`. A time in the past means now.
   */
  readonly at?: Date | number | bigint | undefined;
}

/**
 * A timer with a descriptor that counts missed expirations. It has the resolution of the system,
 * nanoseconds, and is never early; a loop that waits for it does not drift. It is closed by `close`,
 * when its thread ends, or when it is garbage collected.
 *
 * @example
 * ```js
 * import { Timer } from 'iomux';
 * const timer = new Timer({ every: 1000 });
 * for await (const count of timer) {
 *   if (count > 1) console.log(`${count - 1} seconds were missed`);
 *   if (!stillNeeded()) timer.close();
 * }
 * ```
 */
export class Timer extends DescriptorSource<number> {
  readonly #timer: SystemTimer;

  /**
   * Without a setting, the timer does not expire until `set` is called.
   * @throws like `set`; `EMFILE`, `ENFILE`, `ENOMEM`
   */
  constructor(o?: TimerSetting) {
    const schedule = o === undefined ? undefined : scheduleOf(o);
    const timer = openTimer();
    super(timer.owned);
    this.#timer = timer;
    if (schedule !== undefined) timer.set(schedule);
  }

  /**
   * Sets the timer again, also for current waiters. Expirations that were not taken are discarded.
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`, `ERR_CLOSED`
   *
   * @example
   * ```js
   * import { Timer } from 'iomux';
   * const timer = new Timer();
   * timer.set({ after: 1.5 }); // in milliseconds
   * timer.set({ after: 1_500_000n }); // the same in nanoseconds
   * timer.set({ at: new Date('2030-01-01'), every: 86_400_000 });
   * await timer.wait();
   * ```
   */
  set(o: TimerSetting): this {
    this.#timer.set(scheduleOf(o));
    return this;
  }

  /** Stops the timer, and discards expirations that were not taken. @throws `ERR_CLOSED` */
  clear(): this {
    this.#timer.clear();
    return this;
  }

  /**
   * Resolves when the timer has expired, immediately if it already has, with the number of expirations
   * since they were last taken. All waiters get the same number.
   * @throws `ERR_CLOSED`, also when it is closed meanwhile; the signal's reason
   */
  wait(o?: Abortable): Promise<number> {
    return this.next(o);
  }

  /** Returns the number of expirations since they were last taken, without waiting. @throws `ERR_CLOSED` */
  tryTake(): number {
    return this.#timer.take();
  }

  /** @internal */
  protected override take(): number | null {
    const count = this.#timer.take();
    return count === 0 ? null : count;
  }
}

const FOREIGN = { signal: 'is an option of wait', interval: 'is named every here' };

function scheduleOf(o: TimerSetting): Schedule {
  const given = options(o);
  const { after, every, at } = given;
  refuseForeign(given, FOREIGN);
  const period = every === undefined ? 0n : duration('options.every', every, 1n);
  if (at !== undefined && after !== undefined) {
    throw invalidValue('options.at', 'must not be given beside "after"', at);
  }
  if (at === undefined) {
    if (after === undefined && every === undefined) {
      throw invalidValue('options', 'must have one of "after", "every" and "at"', o);
    }
    const first = after === undefined ? period : duration('options.after', after, 0n);
    return { first, onWallClock: false, period };
  }
  if (typeof at === 'bigint') {
    const left = at - monotonicNow();
    const first = duration('options.at', left > 0n ? left : 0n, 0n);
    return { first, onWallClock: false, period };
  }
  const time = wallTime('options.at', at);
  const now = wallNow();
  return { first: time > now ? time : now, onWallClock: true, period };
}
