import { monotonicNow, wallNow } from '../clock';
import { check, ENOENT } from '../errors';
import { native } from '../native';
import {
  EV_ADD,
  EV_DELETE,
  EV_ONESHOT,
  EV_RECEIPT,
  EVFILT_TIMER,
  NOTE_MACH_CONTINUOUS_TIME,
  NOTE_NSECONDS,
} from './kqueue-constants';
import { OwnedFd } from './owned-fd';
import type { Schedule, SystemTimer } from './timer';

const IDENT = 1;
/** How many numbers a structure has, and the index of `data` in it; see Native. */
const WIDTH = 6;
const DATA = 4;
/** The greatest exact number of nanoseconds: 104 days. */
const LONGEST = BigInt(Number.MAX_SAFE_INTEGER);

// Calls on one thread do not overlap.
const room = new Float64Array(2 * WIDTH);

/**
 * A kqueue with one EVFILT_TIMER, since a kqueue's descriptor can be waited for like any other.
 *
 * The filter has no first expiration that differs from the period, and absolute times differ between macOS and
 * FreeBSD. So it waits only for the next expiration, once, and expirations are counted here, by the clock so
 * that the period does not drift, as timerfd(2) does. If the wall clock is set meanwhile, that is noticed when
 * the time is over that remained before.
 */
export class KqueueTimer implements SystemTimer {
  readonly owned = new OwnedFd(check(native.kqueueCreate(), 'kqueue'), 'timer');
  #onWallClock = false;
  /** The next expiration, on its clock; undefined for none. */
  #next: bigint | undefined;
  #period = 0n;

  set({ first, onWallClock, period }: Schedule): void {
    this.#onWallClock = onWallClock;
    this.#period = period;
    this.#next = onWallClock ? first : this.#now() + first;
    this.#arm(this.#next - this.#now());
  }

  clear(): void {
    this.#next = undefined;
    this.#change([deletion]);
  }

  take(): number {
    const fd = this.owned.open();
    const events = check(native.kqueueKevent(fd, room, 0, room, 1, 0), 'kevent', fd);
    const now = this.#now();
    if (events === 0 || this.#next === undefined) return 0;
    if (now < this.#next) {
      this.#arm(this.#next - now);
      return 0;
    }
    if (this.#period === 0n) {
      this.#next = undefined;
      return 1;
    }
    const count = (now - this.#next) / this.#period + 1n;
    this.#next += count * this.#period;
    this.#arm(this.#next - now);
    return Number(count);
  }

  #now(): bigint {
    return this.#onWallClock ? wallNow() : monotonicNow();
  }

  #arm(left: bigint): void {
    const delay = left < 1n ? 1n : left > LONGEST ? LONGEST : left;
    // Deleting the filter also discards an expiration that is pending.
    this.#change([deletion, [...addition, Number(delay), 0]]);
  }

  #change(changes: readonly (readonly number[])[]): void {
    const fd = this.owned.open();
    const list = Float64Array.from(changes.flat());
    check(native.kqueueKevent(fd, list, changes.length, room, changes.length, 0), 'kevent', fd);
    for (let at = 0; at < changes.length; at++) {
      const result = -room[at * WIDTH + DATA];
      if (result !== ENOENT) check(result, 'kevent', fd);
    }
  }
}

const deletion = [IDENT, EVFILT_TIMER, EV_DELETE | EV_RECEIPT, 0, 0, 0];
/** Both clocks continue while macOS sleeps, and so must the filter. */
const UNIT = NOTE_NSECONDS | (NOTE_MACH_CONTINUOUS_TIME ?? 0);
const addition = [IDENT, EVFILT_TIMER, EV_ADD | EV_ONESHOT | EV_RECEIPT, UNIT];
